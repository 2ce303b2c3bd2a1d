import type { DockerfileDocument } from '../dockerfile/document.ts';
import type { Rule } from './rule.ts';

export type DockerfileRule = Rule<DockerfileDocument>;
