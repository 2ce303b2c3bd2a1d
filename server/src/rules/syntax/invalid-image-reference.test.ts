import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidImageReference } from './invalid-image-reference.ts';

const { reports, fixes } = dockerfile();

test('names of images', () => {
  reports(invalidImageReference, 'FROM «foo@a»', 'failed to parse stage name "foo@a": invalid reference format');
  reports(invalidImageReference, 'FROM «foo:»', 'failed to parse stage name "foo:": invalid reference format');
  reports(invalidImageReference, 'FROM a AS Build\nFROM Build\nFROM scratch\nFROM ghcr.io/a/b:1.2\nARG X\nFROM b$X');
  reports(invalidImageReference, 'ARG X\nFROM $X\nFROM ${Y:-b}\nFROM $TARGETARCH\nFROM --platform=$P c');
  for (const name of ['$Y', '""', "''", '${Y}$Z', '${X:+a}']) {
    reports(invalidImageReference, `FROM «${name}» AS b`, `base name (${name}) should not be blank`);
  }
  const lower = 'invalid reference format: repository name (library/Base) must be lowercase';
  reports(invalidImageReference, 'FROM a\nCOPY --from=«Base» b c', `failed to parse stage name "Base": ${lower}`);
  reports(invalidImageReference, 'FROM a\nRUN --mount=from=«Base» b', `failed to parse stage name "Base": ${lower}`);
  reports(
    invalidImageReference,
    'FROM a AS Base\nFROM b\nCOPY --from=base c d\nCOPY --from=0 c d\nCOPY --from=b:1 c d',
  );
  fixes(invalidImageReference, 'FROM a\nCOPY --from=Base b c', 'FROM a\nCOPY --from=base b c');
  fixes(invalidImageReference, 'FROM Alpine', 'FROM alpine');
});
