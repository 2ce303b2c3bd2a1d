/** The context of the Dockerfiles of generated.ts, and what is ignored of it. */
import fc from 'fast-check';
import type { ContextEntry } from '../build-case.ts';
import { ARCHIVES } from './archives.ts';

const archive = (kind: keyof typeof ARCHIVES): Buffer => Buffer.from(ARCHIVES[kind], 'base64');

export const FILES: Readonly<Record<string, ContextEntry>> = {
  f: 'f\n',
  'run.sh': { content: '#!/bin/sh\necho run\n', mode: 0o755 },
  secret: { content: 's', mode: 0o600 },
  'd/a': 'a\n',
  'd/b.txt': 'b\n',
  'd/sub/c.txt': 'c\n',
  'd/empty': { directory: true },
  'd/private': { directory: true, mode: 0o700 },
  'd/private/p': { content: 'p', mode: 0o640 },
  'd/hard': { hardLink: 'd/a' },
  'd/in': { link: 'a' },
  link: { link: 'f' },
  dirlink: { link: 'd' },
  // At the top of the context they would be too much for BuildKit's --exclude.
  'd/abs': { link: '/etc/passwd' },
  'd/out': { link: '../../etc' },
  sticky: { directory: true, mode: 0o1777 },
  setuid: { content: 'x', mode: 0o6755 },
  old: { content: 'o', time: 1.5 },
  new: { content: 'n', time: 4_000_000_000 },
  'sp ace': 's',
  'd/.hidden': { content: 'h', mode: 0o000 },
  'a.tar.gz': { content: archive('gzip') },
  'a.tar.xz': { content: archive('xz') },
};

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Most builds ignore nothing, and none a file that nearly all of them copy. */
export const IGNORED: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc
      .array(
        one(
          '*.sh',
          'd/sub',
          '!d/sub/c.txt',
          '**/*.txt',
          '!**/b.txt',
          'd/p*',
          '*/a',
          '# c',
          '',
          'd/in/',
          '[a-c].*',
          'd/*',
          '**',
          '!d',
          '!f',
          '!d/**',
          '**/sub/**',
          '/d/a',
          './link',
          '  *link  ',
          'd/../secret',
          '!**/.hidden',
          '\\!f',
          's*/',
          '?.tar.*',
        ),
        {
          maxLength: 5,
        },
      )
      .chain((lines) => one(lines.join('\n'), lines.join('\r\n'), `\uFEFF${lines.join('\n')}`)),
  },
);
