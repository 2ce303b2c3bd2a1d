import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMountOption } from './mount-option.ts';

const mountOf = (option: string) => {
  const read = readMountOption(option);
  assert.equal(read.error, undefined, option);
  return 'mount' in read ? read.mount : undefined;
};
const errorOf = (option: string): string | undefined => readMountOption(option).error;

test('bind is the default, read-only, from the whole context', () => {
  assert.deepEqual(mountOf('target=/x'), { type: 'bind', target: '/x', source: '/', writable: false });
  const full = 'type=bind,from=build,src=out,dst=/x,rw';
  assert.deepEqual(mountOf(full), { type: 'bind', target: '/x', source: 'out', from: 'build', writable: true });
  assert.deepEqual(mountOf('target=/x,readonly=false'), { type: 'bind', target: '/x', source: '/', writable: true });
  assert.deepEqual(mountOf('target=/x,ro'), { type: 'bind', target: '/x', source: '/', writable: false });
});

test('cache: writable and shared, named after its target', () => {
  const owner = { mode: 0o755, uid: 0, gid: 0 };
  const plain = {
    type: 'cache',
    target: '/c',
    id: '/c',
    source: '/',
    readOnly: false,
    sharing: 'shared',
    ...owner,
    hasOwner: false,
  };
  assert.deepEqual(mountOf('type=cache,target=/c'), plain);
  const option = 'type=cache,target=/c,id=npm,sharing=locked,mode=0700,uid=1000,gid=1001,ro,from=base,source=/s';
  assert.deepEqual(mountOf(option), {
    type: 'cache',
    target: '/c',
    id: 'npm',
    from: 'base',
    source: '/s',
    readOnly: true,
    sharing: 'locked',
    mode: 0o700,
    uid: 1000,
    gid: 1001,
    hasOwner: true,
  });
});

test('tmpfs with a size', () => {
  const plain = { type: 'tmpfs', target: '/t', readOnly: false };
  assert.deepEqual(mountOf('type=tmpfs,target=/t'), plain);
  assert.deepEqual(mountOf('type=tmpfs,target=/t,size=0'), plain, 'no limit');
  assert.deepEqual(mountOf('type=TMPFS,target=/t,ro'), { ...plain, readOnly: true });
  assert.deepEqual(mountOf('type=tmpfs,target=/t,size=64m'), { ...plain, size: 64 * 1024 * 1024 });
  assert.deepEqual(mountOf('type=tmpfs,target=/t,size=1000'), { ...plain, size: 1000 });
});

test('secrets and agents have names, places and modes of their own', () => {
  const owner = { uid: 0, gid: 0 };
  assert.deepEqual(mountOf('type=secret,id=a/token'), {
    type: 'secret',
    id: 'a/token',
    target: '/run/secrets/token',
    required: false,
    hasTarget: false,
    mode: 0o400,
    ...owner,
  });
  const named = mountOf('type=secret,target=/root/.npmrc,required,env=NPMRC');
  assert.deepEqual(named, {
    type: 'secret',
    id: '.npmrc',
    target: '/root/.npmrc',
    required: true,
    hasTarget: true,
    mode: 0o400,
    ...owner,
    env: 'NPMRC',
  });
  const target = '/run/buildkit/ssh_agent.0';
  assert.deepEqual(mountOf('type=ssh'), {
    type: 'ssh',
    id: 'default',
    target,
    required: false,
    hasTarget: false,
    mode: 0o600,
    ...owner,
  });
});

test("what is wrong is said in BuildKit's words", () => {
  assert.equal(errorOf('type=bogus,target=/x'), 'unsupported mount type "bogus"');
  assert.equal(errorOf('type=bind,foo=bar'), "unexpected key 'foo' in 'foo=bar' (did you mean from?)");
  assert.equal(errorOf('target'), "invalid field 'target' must be a key=value pair");
  assert.equal(errorOf('type=tmpfs,target=/t,sharing=shared'), 'invalid cache sharing set for tmpfs mount');
  assert.equal(errorOf('type=sceret,id=a'), 'unsupported mount type "sceret" (did you mean secret?)');
  assert.equal(errorOf('target=/t,required'), "unexpected key 'required' for mount type 'bind'");
  assert.equal(
    errorOf('size=1,type=tmpfs,target=/t'),
    "unexpected key 'size' for mount type 'bind'",
    'type comes first',
  );
  assert.equal(errorOf('type=tmpfs,target=/t,uid=1'), 'uid not allowed for "tmpfs" type mounts');
  assert.equal(errorOf('type=cache,target=/t,uid=4294967296'), 'invalid value 4294967296 for uid');
  assert.equal(errorOf('type=secret,id=a,from=b'), 'secret mount should not have a from');
  assert.equal(errorOf('type=secret,id=a,source=b'), "both source and id can't be set");
  assert.equal(errorOf('type=ssh,source=b'), 'ssh does not support source');
  assert.equal(errorOf('type=cache,target=/c,sharing=some'), 'unsupported sharing value "some"');
  assert.equal(errorOf('type=cache,target=/c,mode=9'), 'invalid value 9 for mode');
  assert.equal(errorOf('type=tmpfs,target=/t,size=big'), 'invalid value for size: big');
  assert.equal(errorOf('target=/x,ro=maybe'), 'invalid value for ro: maybe');
  assert.equal(errorOf('type=secret'), 'invalid secret mount. one of source, target required');
});

test('any option: a mount or an error, never a throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = readMountOption(text);
      assert.ok('mount' in read !== (read.error !== undefined));
    }),
  );
});
