import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { copyWholeContext } from './copy-whole-context.ts';

const { reports } = dockerfile();
const message = 'the whole context is copied, with .git, .env and whatever else lies there: name what is needed';

test('the whole context, however it is written', () => {
  for (const source of ['.', './', "'.'", '"./"'])
    reports(copyWholeContext, `FROM a:1\nCOPY «${source}» /b\n`, message);
  reports(copyWholeContext, 'FROM a:1\nCOPY [«"."», "/b"]\n', message);
  reports(copyWholeContext, 'FROM a:1\nONBUILD COPY c «.» /b/\n', message);
});

test('parts of it, and all of a stage', () => {
  for (const words of ['src /b', 'src .', '--from=x . /b', './src ./', '.. /b']) {
    reports(copyWholeContext, `FROM a:1\nCOPY ${words}\n`);
  }
  reports(copyWholeContext, 'FROM a:1\nADD . /b\n');
});
