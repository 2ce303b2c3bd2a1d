/** What the extension tells as an error in the editor is told in the terminal of `npm start`, too. */
import { closeSync, fstatSync, openSync, readSync, type StatWatcher, unwatchFile, watchFile } from 'node:fs';

const POLL_MS = 300;
/** How the server writes what an extension has written to its stderr. */
const LINE = /<stderr> slipway: (.+)$/gm;

/** @param logFile of the editor's server; what is in it already is not told */
export function relayErrors(logFile: string, tell: (message: string) => void, everyMs = POLL_MS): Disposable {
  const file = openSync(logFile, 'r');
  let offset = fstatSync(file).size;
  let rest = '';
  const read = (): void => {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
    offset += readSync(file, bytes, 0, bytes.length, offset);
    const text = rest + bytes.toString();
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    for (const [, message = ''] of text.slice(0, end).matchAll(LINE)) tell(message.trim());
  };
  const watcher: StatWatcher = watchFile(logFile, { interval: everyMs }, read);
  watcher.unref();
  return {
    [Symbol.dispose]() {
      unwatchFile(logFile, read);
      closeSync(file);
    },
  };
}
