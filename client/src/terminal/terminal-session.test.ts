import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TerminalProgram, TerminalSize } from '../views/ui.ts';
import { terminalSession } from './terminal-session.ts';

function shown(program: TerminalProgram) {
  let text = '';
  let closed = 0;
  const session = terminalSession(program, { write: (more) => void (text += more), close: () => closed++ });
  return { session, text: () => text, closed: () => closed };
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const ending = (code: number | undefined): TerminalProgram => ({ run: async () => code });

test('output is shown, letters that are cut in two as well', async () => {
  const euro = Buffer.from('5 €');
  const { session, text } = shown({
    async run(screen) {
      for (const byte of euro) screen.write(Buffer.of(byte));
      screen.write('!');
      return undefined;
    },
  });
  session.open(undefined);
  await soon();
  assert.equal(text(), '5 €!');
});

test('the program gets the size, input and new sizes', async () => {
  const got: unknown[] = [];
  const { session } = shown({
    run: async (screen) => void got.push(screen.size),
    input: (data) => got.push(data),
    resize: (size: TerminalSize) => got.push(size),
  });
  session.open({ columns: 80, rows: 24 });
  session.input('a');
  session.resize({ columns: 100, rows: 30 });
  await soon();
  assert.deepEqual(got, [{ columns: 80, rows: 24 }, 'a', { columns: 100, rows: 30 }]);
});

test('a program that ended well, or with Ctrl-C, takes its terminal along', async () => {
  for (const code of [0, 130]) {
    const { session, text, closed } = shown(ending(code));
    session.open(undefined);
    await soon();
    assert.deepEqual([text(), closed()], ['', 1], String(code));
  }
});

test('another exit code stays to be read, until a key is pressed', async () => {
  const { session, text, closed } = shown(ending(3));
  session.open(undefined);
  await soon();
  assert.match(text(), /Ended with exit code 3\..*Press any key to close\./s);
  assert.equal(closed(), 0);
  session.input('x');
  assert.equal(closed(), 1);
});

test('an error is shown in the terminal; what has no exit code stays', async () => {
  const failing = shown({
    run: async () => {
      throw new Error('no such container');
    },
  });
  failing.session.open(undefined);
  await soon();
  assert.match(failing.text(), /no such container/);
  assert.equal(failing.closed(), 0);
  const log = shown(ending(undefined));
  log.session.open(undefined);
  await soon();
  assert.deepEqual([log.text(), log.closed()], ['', 0]);
});

test('closing stops the program, and what it says then is nobody’s business', async () => {
  let stopped = false;
  const { session, text } = shown({
    run: (_screen, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new Error('aborted'));
        });
      }),
  });
  session.open(undefined);
  session.closed();
  await soon();
  assert.deepEqual([stopped, text()], [true, '']);
});
