import type { BuildCase } from '../build-case.ts';
import { CONFIG_CASES } from './config.ts';
import { COPY_CASES } from './copy.ts';
import { RUN_CASES } from './run.ts';

export const ALL_CASES: readonly BuildCase[] = [...COPY_CASES, ...CONFIG_CASES, ...RUN_CASES];
