import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidMount } from './invalid-mount.ts';

const { reports, fixes } = dockerfile();
const run = (mount: string, ...messages: string[]): void =>
  reports(invalidMount, `FROM a\nRUN --mount=${mount} b`, ...messages);

test('types and keys', () => {
  run('type=«foo»', 'unsupported mount type "foo"');
  run('type=cache,«targt»=/a', "unexpected key 'targt' (did you mean target?)");
  run('type=tmpfs,target=/a,«sharing»=shared', "unexpected key 'sharing' for mount type 'tmpfs'");
  fixes(invalidMount, 'FROM a\nRUN --mount=type=cache,targt=/a b', 'FROM a\nRUN --mount=type=cache,target=/a b');
});

test('values', () => {
  run('target=/a,from=«$b»', "'from' doesn't support variable expansion, define alias stage instead");
  run('type=cache,target=/a,sharing=«some»', 'unsupported sharing value "some"');
  run('type=ssh,mode=«abc»', 'invalid value abc for mode');
  run('type=bind,target=«/»', 'invalid mount target "/"');
  run('type=cache,«target»', "invalid field 'target' must be a key=value pair");
});

test('what is right', () => {
  run('type=bind,source=package.json,target=package.json,ro');
  run('type=cache,id=x,target=/a,sharing=locked,uid=1000');
  run('type=secret,id=a,env=A,required');
  run('type=secret,id=a,required=true,target=$T');
  run('type=tmpfs,target=/a,size=64m');
  run('type=ssh,id=');
});
