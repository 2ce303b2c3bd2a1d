/**
 * Test files in one process, one suite each: what costs most of a small file is the start of Node and the loading of what
 * it shares with others. Run by run-files.ts as a test file, with the paths of the others as arguments.
 */
import { suite } from 'node:test';

for (const file of process.argv.slice(2)) {
  // One after the other: a file whose import waits for another's would have its tests put into the other's suite.
  await new Promise<void>((resolve) => {
    void suite(file, async () => {
      try {
        await import(file);
      } finally {
        resolve();
      }
    });
  });
}
