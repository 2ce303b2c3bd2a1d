import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidCopyFrom } from './invalid-copy-from.ts';

const { reports } = dockerfile();

test('stages below and oneself', () => {
  const message = 'cannot copy from stage "b", it needs to be defined before current stage "stage-0"';
  reports(invalidCopyFrom, 'FROM a\nCOPY --from=«b» x y\nFROM a AS b', message);
  reports(invalidCopyFrom, 'FROM a AS c\nCOPY --from=«c» x y', 'circular dependency detected on stage: c');
  reports(
    invalidCopyFrom,
    'FROM a\nRUN --mount=from=«0»,target=/x y',
    'circular dependency detected on stage: stage-0',
  );
  reports(invalidCopyFrom, 'FROM a\nCOPY --from=«5» x y', 'invalid stage index 5');
});

test('variables', () => {
  const message =
    'variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround';
  reports(invalidCopyFrom, 'FROM a\nCOPY --from=«$x» y z', message);
});

test('stages above and images', () => {
  reports(invalidCopyFrom, 'FROM a AS b\nFROM b\nCOPY --from=B x y\nCOPY --from=0 x y\nCOPY --from=nginx:1 x y');
});
