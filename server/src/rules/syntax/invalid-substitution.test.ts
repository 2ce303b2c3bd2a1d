import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { invalidSubstitution } from './invalid-substitution.ts';

const { reports } = dockerfile();

test('substitutions that are not closed or not known', () => {
  reports(
    invalidSubstitution,
    'FROM a\nCOPY «${foo» /x',
    'failed to process "${foo": unsupported modifier (\uFFFD) in substitution',
  );
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

test('a name ends at the first = or blank, even in quotes', () => {
  const message = 'failed to process "k\\"v": unexpected end of statement while looking for matching double-quote';
  reports(invalidSubstitution, 'FROM a\nENV «k"v» w"', message);
  reports(invalidSubstitution, 'FROM a\nENV «k"v»=w"', message);
  reports(invalidSubstitution, 'FROM a\nLABEL x=1 «k"v»=w"', message);
  reports(invalidSubstitution, 'FROM a\nENV "k" v w\nENV k v"w x"\nARG a"b c"=1\nENV k"v w"=x');
});

test('variables that must be set and cannot be', () => {
  const message = 'failed to process "${x:?}": x: is not allowed to be unset';
  reports(invalidSubstitution, 'FROM scratch\nWORKDIR «${x:?}»', message);
  reports(invalidSubstitution, 'FROM «${x:?}»', message);
  reports(invalidSubstitution, 'FROM a\nCOPY --chown=«${x:?}» a b', message);
  const given =
    'ARG x\nFROM ${x:?}\nARG y\nENV z=${y?} h=${HOME:?} p=${HTTP_PROXY?}\nRUN echo ${w:?}\nONBUILD USER ${w:?}';
  reports(invalidSubstitution, given);
});

test('what COPY writes from a heredoc', () => {
  const message = 'failed to process "${x:y}": unsupported modifier (:y) in substitution';
  reports(invalidSubstitution, "FROM a\nCOPY <<EOF /a\nit's $a «${x:y}» ${\nEOF", message);
  reports(
    invalidSubstitution,
    "FROM a\nCOPY <<'EOF' /a\n${x:y}\nEOF\nRUN <<EOF\n${x:y}\nEOF\nCOPY <<E /b\n\\${x:y}\nE",
  );
});
