import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { unknownFlag } from './unknown-flag.ts';

const { reports, fixes } = dockerfile();

test('a flag of no or of another instruction', () => {
  reports(unknownFlag, 'FROM a\nCOPY «--chwn»=1 a b', 'unknown flag: --chwn (did you mean chown?)');
  reports(unknownFlag, 'FROM a\nRUN «--foo» b', 'unknown flag: --foo');
  reports(unknownFlag, 'FROM a\nADD «--from»=x a b', 'unknown flag: --from');
  reports(unknownFlag, 'FROM a\nONBUILD CMD «--x» b', 'unknown flag: --x');
});

test('every known flag', () => {
  reports(
    unknownFlag,
    [
      'FROM --platform=x a',
      'RUN --mount=type=ssh --network=none --security=insecure --device=d b',
      'COPY --from=a --chown=1 --chmod=1 --link --parents --exclude=x a b',
      'ADD --chown=1 --chmod=1 --link --checksum=x --keep-git-dir --unpack --exclude=x a b',
      'HEALTHCHECK --interval=1s --timeout=1s --start-period=1s --start-interval=1s --retries=1 CMD x',
    ].join('\n'),
  );
});

test('rename or remove', () => {
  fixes(unknownFlag, 'FROM a\nCOPY --chmd=1 a b', 'FROM a\nCOPY --chmod=1 a b');
  fixes(unknownFlag, 'FROM a\nRUN --unheardof=1 b', 'FROM a\nRUN b');
});
