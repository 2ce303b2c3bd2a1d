import type { DockerfileDocument } from '../dockerfile/document.ts';
import type { Rule } from '#model/rules/rule.ts';

export type DockerfileRule = Rule<DockerfileDocument>;
