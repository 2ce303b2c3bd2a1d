/**
 * Test files in one process, one suite each: what costs most of a small file is the start of Node and the loading of what
 * it shares with others. Run by run-files.ts as a test file; arguments: the time limit of a suite in ms, then the files.
 */
import { after, suite } from 'node:test';

const [limit = '', ...files] = process.argv.slice(2);
/** For telling the last results: --test-force-exit does not wait for that. */
const TELL_MS = 2000;

// Around all: else all would be over as soon as the tests that are known so far have ended.
void suite('together', { timeout: 2 ** 31 - 1 }, async () => {
  // A test that has leaked a timer or a socket must not keep the run from ending.
  after(() => setTimeout(() => process.exit(), TELL_MS).unref());
  for (const file of files) {
    // One after the other: a file whose import waits for another's would have its tests put into the other's suite.
    await new Promise<void>((resolve) => {
      void suite(file, { timeout: Number(limit) }, async () => {
        try {
          await import(file);
        } finally {
          resolve();
        }
      });
    });
  }
});
