import type { ComposeDocument } from '../compose/document.ts';
import type { Rule } from './rule.ts';

export type ComposeRule = Rule<ComposeDocument>;
