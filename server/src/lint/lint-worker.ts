/** A thread of `slipway lint`, run from its source; of the bundle it is tools/lint-worker.cjs. */
import { work } from './threads.ts';

work();
