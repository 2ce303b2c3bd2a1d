import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { linesOn, projectLogsProgram } from './project-logs-program.ts';

test('lines are written whole, with a prefix each, whatever the pieces they come in', () => {
  const written: string[] = [];
  const lines = linesOn({ write: (data) => void written.push(String(data)) }, 'api | ');
  const euro = Buffer.from('€');
  for (const piece of ['one\ntw', 'o\r\n\nth', euro.subarray(0, 1), euro.subarray(1)]) lines.write(piece);
  assert.deepEqual(written, ['api | one\r\n', 'api | two\r\napi | \r\n']);
  lines.end();
  assert.equal(written.at(-1), 'api | th€\r\n');
  lines.end();
  assert.equal(written.length, 3);
});

test('the names stand in one column; a log that cannot be read does not keep the others away', async () => {
  const connection = {
    call: async () => ({ Config: { Tty: true } }),
    stream: async (_method: string, path: string) => {
      if (path.includes('gone')) throw new EngineError('not-found', 'No such container: gone');
      return Readable.from([Buffer.from('hello\n')]);
    },
  } as unknown as EngineConnection;
  let text = '';
  const screen = { size: undefined, write: (data: Uint8Array | string) => void (text += String(data)) };
  const program = projectLogsProgram(connection, [
    { id: 'a', name: 'database' },
    { id: 'gone', name: 'api' },
  ]);
  await program.run(screen, new AbortController().signal);
  const plain = text.replaceAll(/\u001b\[\d+m/g, '').split('\r\n');
  assert.deepEqual(plain.toSorted(), [
    '',
    'api      | No such container: gone',
    'database | end of the log',
    'database | hello',
  ]);
});
