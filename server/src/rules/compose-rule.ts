import type { ComposeDocument } from '../compose/document.ts';
import type { Rule } from '#model/rules/rule.ts';

export type ComposeRule = Rule<ComposeDocument>;
