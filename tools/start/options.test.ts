import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { parseStartOptions } from './options.ts';

test('without options: the sample on this machine', () => {
  assert.deepEqual(parseStartOptions([], '/'), { workspace: undefined, ssh: undefined, port: 8642 });
});

test('a workspace is resolved against the current folder and must be one', () => {
  const options = parseStartOptions(['--workspace', '.'], tmpdir());
  assert.equal(options === 'help' ? '' : options.workspace, tmpdir());
  assert.throws(() => parseStartOptions(['--workspace', 'no-such-folder'], '/'), /no-such-folder: there is no such/);
  assert.throws(() => parseStartOptions(['--workspace', import.meta.filename], '/'), /not a folder/);
});

test('host and port are checked', () => {
  const options = parseStartOptions(['--ssh', 'me@box.lan', '--port', '9000'], '/');
  assert.deepEqual(options, { workspace: undefined, ssh: 'me@box.lan', port: 9000 });
  for (const host of ['-oProxyCommand=x', 'a b', '$(id)']) {
    assert.throws(() => parseStartOptions([`--ssh=${host}`], '/'), /not a host name/);
  }
  for (const port of ['0', '70000', 'http']) {
    assert.throws(() => parseStartOptions(['--port', port], '/'), /not a port/);
  }
});

test('help and mistakes', () => {
  assert.equal(parseStartOptions(['--help'], '/'), 'help');
  assert.throws(() => parseStartOptions(['--worksapce', '.'], '/'), /Unknown option '--worksapce'\.\nSee 'npm start/);
});
