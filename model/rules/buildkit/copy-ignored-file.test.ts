import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { copyIgnoredFile } from './copy-ignored-file.ts';

const message = (path: string, verb = 'Copy'): string =>
  `Attempting to ${verb} file "${path}" that is excluded by .dockerignore`;

test('sources that .dockerignore hides', () => {
  const { reports } = dockerfile({ '/project/.dockerignore': 'foo\n*.txt\n' });
  reports(copyIgnoredFile, 'FROM a\nCOPY «foo» /', message('foo'));
  reports(copyIgnoredFile, 'FROM a\nCOPY «./foo/bar» src «*.txt» /', message('foo/bar'), message('*.txt'));
  reports(copyIgnoredFile, 'FROM a\nADD «foo» /\nCOPY [«"foo"», "/x"]', message('foo', 'Add'), message('foo'));
  reports(copyIgnoredFile, 'FROM a\nCOPY --from=b foo /\nADD https://x/foo /\nCOPY . /\nCOPY <<foo /x\nfoo');
  reports(copyIgnoredFile, 'FROM a\nENV f=foo\nCOPY «$f» $unknown /', message('foo'));
});

test('lines that take files back in', () => {
  const { reports } = dockerfile({ '/project/.dockerignore': '*\n!src\n!package*.json\n' });
  reports(copyIgnoredFile, 'FROM a\nCOPY package*.json src src/x «lib» /', message('lib'));
});

test('the file’s own ignore file goes first; without one nothing is ignored', () => {
  const both = { '/project/.dockerignore': 'a', '/project/Dockerfile.dockerignore': 'b' };
  dockerfile(both).reports(copyIgnoredFile, 'FROM x\nCOPY a «b» /', message('b'));
  dockerfile().reports(copyIgnoredFile, 'FROM x\nCOPY a b /');
});
