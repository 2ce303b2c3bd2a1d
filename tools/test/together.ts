/**
 * Test files in one process, one suite each: what costs most of a small file is the start of Node and the loading of what
 * it shares with others. Run by run-files.ts as a test file; arguments: the time limit of a suite in ms, then the files.
 */
import { suite } from 'node:test';

const [limit = '', ...files] = process.argv.slice(2);

// Around all: else the process would end as soon as all tests that are known so far have ended.
void suite('together', { timeout: 2 ** 31 - 1 }, async () => {
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
