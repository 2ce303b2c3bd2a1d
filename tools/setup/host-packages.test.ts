import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installPackages, missingPackages } from './host-packages.ts';
import { progressOn } from './progress.ts';

const SHELL = { name: 'dash', provides: 'sh' };
const PASSWORDS = { name: 'base-passwd', provides: '/etc/passwd' };
const ABSENT = { name: 'slipway-no-such-package', provides: 'slipway-no-such-program' };

test('knows programs and files that are there', () => {
  assert.deepEqual(missingPackages([SHELL, PASSWORDS, ABSENT]), [ABSENT]);
});

test('nothing missing: nothing done, nothing said', async () => {
  let said = '';
  await installPackages([SHELL], progressOn({ write: (text) => void (said += text) }));
  assert.equal(said, '');
});

test('where it may not install, it says what is missing and the command', { skip: skipReason() }, async () => {
  const original = process.getuid;
  process.getuid = () => 1000;
  try {
    const installing = installPackages([SHELL, ABSENT], progressOn({ write: () => undefined }));
    await assert.rejects(
      installing,
      /lacks: slipway-no-such-package.*\n {2}sudo apt-get install .*slipway-no-such-package$/s,
    );
  } finally {
    if (original !== undefined) process.getuid = original;
  }
});

function skipReason(): string | false {
  return missingPackages([{ name: 'apt', provides: 'apt-get' }]).length > 0 && 'needs apt-get';
}
