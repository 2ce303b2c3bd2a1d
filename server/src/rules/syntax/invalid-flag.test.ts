import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidFlag } from './invalid-flag.ts';

const { reports } = dockerfile();

test('flags twice and without value', () => {
  reports(invalidFlag, 'FROM a\nCOPY --from=x «--from»=y a b', 'duplicate flag specified: --from');
  reports(invalidFlag, 'FROM a\nCOPY «--from» a b', 'missing a value on flag: --from');
  reports(invalidFlag, 'FROM a\nCOPY «--link=» a b', 'missing a value on flag: --link');
  reports(invalidFlag, 'FROM a\nRUN --mount=type=ssh --mount=type=tmpfs,target=/a b\nCOPY --exclude=a --exclude=b c d');
});

test('values that the flag does not have', () => {
  reports(invalidFlag, 'FROM a\nCOPY --link=«maybe» a b', 'expecting boolean value for flag --link, not: maybe');
  reports(invalidFlag, 'FROM a\nRUN --network=«bridge» b', 'invalid network mode "bridge"');
  reports(invalidFlag, 'FROM a\nCOPY --link=TRUE --chmod=u=rw a b\nCOPY --chmod=$M a b\nCOPY --chmod=0755 a b');
  const message = "invalid chmod parameter: '99'. it should be octal string and between 0 and 07777";
  reports(invalidFlag, 'FROM a\nCOPY --chmod=«99» a b', message);
});

test('platforms, modes and checksums', () => {
  reports(
    invalidFlag,
    'FROM --platform=«foo» a',
    'failed to parse platform foo: "foo": unknown operating system or architecture: invalid argument',
  );
  reports(
    invalidFlag,
    'FROM --platform=linux/arm64/v8 a\nFROM --platform=amd64 b\nFROM --platform=windows(1.0)/amd64 c',
  );
  reports(invalidFlag, 'FROM --platform=«$P» c', 'empty platform value from expression $P');
  reports(
    invalidFlag,
    'FROM --platform=«$BULIDPLATFORM» c',
    'empty platform value from expression $BULIDPLATFORM (did you mean BUILDPLATFORM?)',
  );
  reports(
    invalidFlag,
    'FROM --platform=«linux/$P» c',
    'failed to parse platform linux/$P: "" is an invalid component of "linux/": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
  );
  reports(
    invalidFlag,
    'ARG P\nARG Q=arm64\nFROM --platform=$P a\nFROM --platform=linux/$Q b\nFROM --platform=$BUILDPLATFORM c',
  );
  const mode = "invalid chmod parameter: 'rwx'. it should be octal string and between 0 and 07777";
  reports(invalidFlag, 'FROM a\nCOPY --chmod=«rwx» a b', mode);
  reports(invalidFlag, 'FROM a\nADD --checksum=«sha256:1» a b', 'checksum requires HTTP(S) or Git sources');
  for (const [digest, problem] of [
    ['sha256:1', 'invalid checksum digest length'],
    ['sha256', 'invalid checksum digest format'],
    [`sha256:${'x'.repeat(64)}`, 'invalid checksum digest format'],
    ['md5:1', 'unsupported digest algorithm'],
  ] as const) {
    reports(invalidFlag, `FROM a\nADD --checksum=«${digest}» https://x/a b`, problem);
  }
  reports(invalidFlag, `FROM a\nADD --checksum=sha256:${'0a'.repeat(32)} https://x/a b\nADD --checksum=$C a b`);
  reports(invalidFlag, 'FROM a\nADD --checksum=0123abc https://x/a.git b');
});
