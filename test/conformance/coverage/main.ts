/** Part of `npm run generate`: writes docs/engine-api-coverage.md; with `--check` it only says whether that would change it. */
import { writeFileSync } from 'node:fs';
import { coveragePage, isCoverageFresh, PAGE } from './page.ts';

if (isCoverageFresh()) console.log('generate: docs/engine-api-coverage.md is up to date');
else if (process.argv.includes('--check')) {
  console.error("generate: docs/engine-api-coverage.md is not what the routes say: run 'npm run generate'");
  process.exitCode = 1;
} else {
  writeFileSync(PAGE, coveragePage());
  console.log('generate: docs/engine-api-coverage.md written');
}
