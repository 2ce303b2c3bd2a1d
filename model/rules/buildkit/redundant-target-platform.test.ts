import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { redundantTargetPlatform } from './redundant-target-platform.ts';

const { reports, fixes } = dockerfile();

test('the target platform is the default', () => {
  const message = 'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior';
  reports(redundantTargetPlatform, 'FROM «--platform=$TARGETPLATFORM» a', message);
  reports(redundantTargetPlatform, 'FROM «--platform="$TARGETPLATFORM"» a', message);
  reports(redundantTargetPlatform, 'FROM --platform=$TARGETOS/$TARGETARCH a\nFROM --platform=$BUILDPLATFORM a');
  fixes(redundantTargetPlatform, 'FROM --platform=${TARGETPLATFORM}  a AS b', 'FROM a AS b');
});
