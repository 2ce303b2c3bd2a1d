/** Run by `npm test` after the tests: removes what tests that were cut short have left running, and says what it was. */
import { removeAbandonedEngines } from './leftovers.ts';

for (const line of await removeAbandonedEngines()) console.log(`left behind by a test that was cut short: ${line}`);
