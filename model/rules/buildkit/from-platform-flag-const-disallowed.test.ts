import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { fromPlatformFlagConstDisallowed } from './from-platform-flag-const-disallowed.ts';

const { reports, fixes } = dockerfile();

test('a constant platform', () => {
  const message = 'FROM --platform flag should not use constant value "linux/amd64"';
  reports(fromPlatformFlagConstDisallowed, 'FROM --platform=«linux/amd64» a AS b', message);
  reports(fromPlatformFlagConstDisallowed, 'FROM --platform=$BUILDPLATFORM a');
  fixes(fromPlatformFlagConstDisallowed, 'FROM --platform=linux/arm64 a', 'FROM --platform=$BUILDPLATFORM a');
});

test('a stage named after it', () => {
  reports(
    fromPlatformFlagConstDisallowed,
    'FROM --platform=linux/arm64 a AS foo_arm64\nFROM --platform=linux b AS linux',
  );
});
