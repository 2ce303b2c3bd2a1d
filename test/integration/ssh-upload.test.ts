/** Files sent to a real sshd over SFTP: whole, cut, damaged, too big. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { sshPerson } from '../support/ssh-person.ts';
import { startSshd, type TestSshd } from '../support/sshd.ts';

let sshd: TestSshd;
before(async () => {
  sshd = await startSshd();
});
after(async () => {
  await sshd[Symbol.asyncDispose]();
});

test('a cut upload goes on where it was cut', async () => {
  const me = sshPerson(sshd);
  const local = path.join(me.home, 'big');
  const remote = path.join(me.home, 'deep', "it's", 'big');
  writeFileSync(local, randomBytes(40_000_000));
  const first = await me.connect();
  let sent = 0;
  const cut = first.upload(local, remote, {
    progress: (bytes) => {
      sent = bytes;
      if (bytes > 10_000_000) sshd.dropConnections();
    },
  });
  await assert.rejects(cut, { code: 'unavailable' });
  assert.ok(sent < 40_000_000);
  const second = await me.connect();
  let start: number | undefined;
  await second.upload(local, remote, {
    progress: (bytes) => {
      if (bytes > 0) start ??= bytes;
    },
  });
  assert.ok((start ?? 0) > 5_000_000, `started again at ${start}`);
  assert.ok(readFileSync(local).equals(readFileSync(remote)));
  const calls: number[] = [];
  await second.upload(local, remote, { progress: (bytes) => calls.push(bytes) });
  assert.deepEqual(calls, [40_000_000], 'a file that is there is sent again');
  second.end();
});

test('many connections that send one file at the same time all succeed', async () => {
  const me = sshPerson(sshd);
  const local = path.join(me.home, 'shared');
  writeFileSync(local, randomBytes(8_000_000));
  const remote = path.join(me.home, 'arrived');
  const sessions = await Promise.all(Array.from({ length: 4 }, () => me.connect()));
  await Promise.all(sessions.map((session) => session.upload(local, remote)));
  assert.ok(readFileSync(local).equals(readFileSync(remote)));
  for (const session of sessions) session.end();
});

test('a part that is not of the file is thrown away; a cancelled upload says so', async () => {
  const me = sshPerson(sshd);
  const local = path.join(me.home, 'file');
  writeFileSync(local, randomBytes(3_000_000));
  const hash = createHash('sha256').update(readFileSync(local)).digest('hex');
  const remote = path.join(me.home, 'sent');
  writeFileSync(`${remote}.${hash.slice(0, 12)}.part`, 'rubbish');
  const session = await me.connect();
  await session.upload(local, remote);
  assert.ok(readFileSync(local).equals(readFileSync(remote)));
  await assert.rejects(session.upload(local, path.join(me.home, 'again'), { signal: AbortSignal.abort() }), {
    code: 'cancelled',
  });
  session.end();
});

test('a full disk and a folder that cannot be made are said', async () => {
  const me = sshPerson(sshd);
  const small = path.join(me.home, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  const session = await me.connect();
  try {
    const local = path.join(me.home, 'file');
    writeFileSync(local, randomBytes(3_000_000));
    await assert.rejects(session.upload(local, path.join(small, 'file')), {
      code: 'unavailable',
      message: /Is its disk full/,
    });
    writeFileSync(path.join(me.home, 'plain'), '');
    await assert.rejects(session.upload(local, path.join(me.home, 'plain', 'x')), {
      code: 'unavailable',
      message: /cannot be written on box: mkdir/,
    });
  } finally {
    session.end();
    execFileSync('umount', ['-l', small]);
  }
});
