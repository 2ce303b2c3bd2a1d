import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidSubstitution } from './invalid-substitution.ts';

const { reports } = dockerfile();

test('substitutions that are not closed or not known', () => {
  const missing = 'missing } at the end of the substitution';
  reports(invalidSubstitution, 'FROM a\nCOPY «${foo» /x', `failed to process "\${foo": ${missing}`);
  reports(
    invalidSubstitution,
    'FROM a\nCOPY x«${foo:a}» /x',
    'failed to process "${foo:a}": unsupported modifier (:a) in substitution',
  );
});

test('quotes that are not closed', () => {
  const message = 'failed to process "a=\\"b c": unexpected end of statement while looking for matching double-quote';
  reports(invalidSubstitution, 'FROM a\nENV «a="b c»', message);
  reports(invalidSubstitution, `FROM a\nENV a="b" c='d' e=\${f:-"g"} h=\${i##*/}\nRUN echo "`);
});
