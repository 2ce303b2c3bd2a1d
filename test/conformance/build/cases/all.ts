import type { BuildCase } from '../build-case.ts';
import { FILE_CASES } from './add.ts';
import { CONFIG_CASES } from './config.ts';
import { CORNER_CASES } from './corners.ts';
import { COPY_CASES } from './copy.ts';
import { MORE_CASES } from './more.ts';
import { MOUNT_CASES } from './mounts.ts';
import { WORD_CASES } from './words.ts';
import { LANGUAGE_CASES } from './popular-languages.ts';
import { LAYOUT_CASES } from './popular-layouts.ts';
import { SERVER_CASES } from './popular-servers.ts';
import { PROJECT_CASES } from './projects.ts';
import { RUN_CASES } from './run.ts';

export const ALL_CASES: readonly BuildCase[] = [
  ...COPY_CASES,
  ...FILE_CASES,
  ...CONFIG_CASES,
  ...CORNER_CASES,
  ...RUN_CASES,
  ...MOUNT_CASES,
  ...WORD_CASES,
  ...PROJECT_CASES,
  ...SERVER_CASES,
  ...LANGUAGE_CASES,
  ...LAYOUT_CASES,
  ...MORE_CASES,
];
