import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { undefinedArgInFrom } from './undefined-arg-in-from.ts';

const { reports, fixes } = dockerfile();

test('FROM sees the arguments above it', () => {
  reports(undefinedArgInFrom, 'FROM a:«$v»', "FROM argument 'v' is not declared");
  reports(undefinedArgInFrom, 'ARG v=1\nFROM a:$v\nFROM --platform=$BUILDPLATFORM b${HTTP_PROXY}');
});

test('not those inside stages', () => {
  reports(undefinedArgInFrom, 'FROM a\nARG x=1\nFROM b:«${x}»', "FROM argument 'x' is not declared");
});

test('misspelt names', () => {
  const message = "FROM argument 'BUILD_PLATFORM' is not declared (did you mean BUILDPLATFORM?)";
  reports(undefinedArgInFrom, 'FROM --platform=«$BUILD_PLATFORM» a', message);
  fixes(undefinedArgInFrom, 'ARG VERSION=1\nFROM a:${VERSIN:-2}', 'ARG VERSION=1\nFROM a:${VERSION:-2}');
});
