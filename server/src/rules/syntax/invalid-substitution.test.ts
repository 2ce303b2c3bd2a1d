import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidSubstitution } from './invalid-substitution.ts';

const { reports } = dockerfile();

test('substitutions that are not closed or not known', () => {
  const missing = "syntax error: missing '}'";
  reports(invalidSubstitution, 'FROM a\nCOPY «${foo» /x', `failed to process "\${foo": ${missing}`);
  reports(
    invalidSubstitution,
    'FROM a\nCOPY x«${foo:a}» /x',
    'failed to process "x${foo:a}": unsupported modifier (:a) in substitution',
  );
  reports(
    invalidSubstitution,
    'FROM a\nCOPY --chown=«${u:x}» a b',
    'failed to process "${u:x}": unsupported modifier (:x) in substitution',
  );
});

test('quotes that are not closed', () => {
  const message = 'failed to process "\\"b c": unexpected end of statement while looking for matching double-quote';
  reports(invalidSubstitution, 'FROM a\nENV a=«"b c»', message);
  reports(invalidSubstitution, `FROM a\nENV a="b" c='d' e=\${f:-"g"} h=\${i##*/}\nRUN echo "`);
});

test('what COPY writes from a heredoc', () => {
  const message = 'failed to process "${x:y}": unsupported modifier (:y) in substitution';
  reports(invalidSubstitution, "FROM a\nCOPY <<EOF /a\nit's $a «${x:y}» ${\nEOF", message);
  reports(
    invalidSubstitution,
    "FROM a\nCOPY <<'EOF' /a\n${x:y}\nEOF\nRUN <<EOF\n${x:y}\nEOF\nCOPY <<E /b\n\\${x:y}\nE",
  );
});
