import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { legacyKeyValueFormat } from './legacy-key-value-format.ts';

const { reports, fixes } = dockerfile();

test('a space where an equals sign should be', () => {
  const message = '"ENV key=value" should be used instead of legacy "ENV key value" format';
  reports(legacyKeyValueFormat, 'FROM a\nENV «a b c»\nENV a=b', message);
  reports(legacyKeyValueFormat, 'FROM a\nLABEL «a b»', message.replaceAll('ENV', 'LABEL'));
  reports(legacyKeyValueFormat, 'FROM a\nARG a\nENV b');
});

test('values keep their meaning', () => {
  fixes(
    legacyKeyValueFormat,
    'ENV a b\nENV c d  e\nENV f "g h"\nENV i j "k"',
    'ENV a=b\nENV c="d  e"\nENV f="g h"\nENV i="j \\"k\\""',
  );
});
