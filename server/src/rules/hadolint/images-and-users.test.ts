import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { IMAGES_AND_USERS } from './images-and-users.ts';

const { reports } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = IMAGES_AND_USERS.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

test('tags of base images', () => {
  reports(
    rule('DL3006'),
    'FROM «debian» AS b\nFROM b\nFROM scratch\nFROM x:1\nFROM $I',
    "image 'debian' has no tag: it will be another one tomorrow",
  );
  reports(
    rule('DL3006'),
    'FROM «localhost:5000/a»',
    "image 'localhost:5000/a' has no tag: it will be another one tomorrow",
  );
  reports(rule('DL3007'), 'FROM debian:«latest»\nFROM x:1', "the tag 'latest' moves: name a version");
  reports(rule('DL3007'), `FROM debian:latest@sha256:${'0'.repeat(64)}`);
});

test('users', () => {
  reports(rule('DL3002'), 'FROM a\nUSER x\nUSER «root»', 'containers run as root: end with a USER that is not');
  reports(rule('DL3002'), 'FROM a\nUSER root\nRUN b\nUSER x\nFROM c');
  reports(rule('DL3002'), 'FROM a\nUSER «0:0»', 'containers run as root: end with a USER that is not');
  reports(rule('DL3066'), 'FROM a\nUSER «node»', "whether 'node' is root cannot be seen from outside: use its number");
  reports(rule('DL3066'), 'FROM a\nUSER 1000:1000');
});

test('health checks', () => {
  reports(rule('DL3057'), '«FROM» a', 'nobody can tell whether the container works: add a HEALTHCHECK');
  reports(rule('DL3057'), 'FROM a AS b\nHEALTHCHECK NONE\nFROM b');
});

test('where files are copied from', () => {
  const message = "there is no stage 'build' above: it is taken for an image or a named context";
  reports(rule('DL3022'), 'FROM a\nCOPY --from=«build» x y', message);
  reports(rule('DL3022'), 'FROM a AS build\nFROM b\nCOPY --from=build x y\nCOPY --from=0 x y\nCOPY --from=nginx:1 x y');
  const whole = "the whole of 'b' overwrites this stage's files: copy what is needed";
  reports(rule('DL3067'), 'FROM a AS b\nFROM c\nCOPY --from=b «/» /', whole);
  reports(rule('DL3067'), 'FROM a AS b\nFROM c\nCOPY --from=b / /x\nFROM c\nCOPY --from=b /app /');
});
