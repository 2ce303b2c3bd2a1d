/** ADD, the ignore files, and contexts with odd things in them. */
import { gunzipSync } from 'node:zlib';
import { handMadeTar } from '../../../support/tar-builder.ts';
import type { BuildCase, ContextEntry } from '../build-case.ts';
import { ARCHIVES } from './archives.ts';

const FROM = 'FROM conformance-busybox';
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const plain = gunzipSync(bytes(ARCHIVES.gzip));
const FILES: Readonly<Record<string, ContextEntry>> = {
  f: 'f\n',
  'd/a': 'a\n',
  'p.tar': { content: plain },
  'p.tar.gz': { content: bytes(ARCHIVES.gzip) },
  'p.tgz.txt': { content: bytes(ARCHIVES.gzip) },
  'p.tar.bz2': { content: bytes(ARCHIVES.bzip2) },
  'p.tar.xz': { content: bytes(ARCHIVES.xz) },
  'p.tar.zst': { content: bytes(ARCHIVES.zstd) },
  'cut.tar.gz': { content: bytes(ARCHIVES.gzip).subarray(0, 100) },
  'cut.tar': { content: plain.subarray(0, 3000) },
  'linked.tar': { content: handMadeTar([{ name: 'h', type: '1', linkName: 'etc/real' }]) },
  'not.tar': 'not an archive\n',
  'empty.tar': '',
  'sparse.tar': {
    content: handMadeTar([
      { name: 'lib/a/x', data: '1' },
      { name: 'lib/b/', type: '5', mode: 0o700 },
      { name: 'lib/b/y', data: '2' },
      { name: 'kept/.wh.z', data: '3' },
    ]),
  },
  'zeros.tar': { content: Buffer.alloc(10_240) },
  'e.gz': { content: bytes('H4sIAAAAAAAAA8tIzcnJ5wIAIDA6NgYAAAA=') },
  link: { link: 'p.tar' },
};
const add = (name: string, ...lines: string[]): BuildCase => ({
  name: `add: ${name}`,
  dockerfile: [FROM, ...lines, ''].join('\n'),
  files: FILES,
});

const ADD_CASES: readonly BuildCase[] = [
  add('a file', 'ADD f /x/'),
  add('a directory', 'ADD d /x'),
  add('plain tar', 'ADD p.tar /x'),
  add('plain tar into a folder', 'ADD p.tar /x/'),
  add('gzip', 'ADD p.tar.gz /x/'),
  add('gzip under another name', 'ADD p.tgz.txt /x/'),
  add('bzip2', 'ADD p.tar.bz2 /x/'),
  add('xz', 'ADD p.tar.xz /x/'),
  add('zstd', 'ADD p.tar.zst /x/'),
  add('tar to the root', 'ADD p.tar /'),
  add('tar to the working directory', 'WORKDIR /w', 'ADD p.tar .'),
  add('tar with chown', 'ADD --chown=1:2 p.tar /x/'),
  add('tar with chmod', 'ADD --chmod=700 p.tar /x/'),
  add('tar and a file', 'ADD p.tar f /x/'),
  add('tar onto existing', 'RUN mkdir -p /x/dir /x/one && chmod 700 /x', 'ADD p.tar /x/'),
  add('tar onto a file', 'RUN echo >/x', 'ADD p.tar /x'),
  add('tar over a symlink inside', 'RUN mkdir -p /x /t && ln -s /t /x/dir', 'ADD p.tar /x/'),
  add('tar that does not describe its folders', 'ADD --chown=1:2 sparse.tar /x/'),
  add(
    'tar through symlinks and folders',
    'RUN mkdir -p /usr/lib && ln -s /usr/lib /lib && mkdir -m 700 /kept && chown 5:6 /kept && touch /kept/z',
    'ADD sparse.tar /',
  ),
  add('tar through a symlink to nothing', 'RUN ln -s none /lib', 'ADD sparse.tar /'),
  add('tar through a file', 'RUN echo >/lib', 'ADD sparse.tar /'),
  {
    ...add('tar with a hard link to a file of the image', 'RUN echo 1 >/etc/real', 'ADD linked.tar /'),
    differs: 'the file of the image keeps its time, owner and mode',
  },
  add('tar with a hard link to nothing', 'ADD linked.tar /x/'),
  add('tar by wildcard', 'ADD p.tar* /x/'),
  add('tar by symlink', 'ADD link /x/'),
  add('cut gzip', 'ADD cut.tar.gz /x/'),
  { ...add('cut tar', 'ADD cut.tar /x/'), differs: 'a damaged archive is an error, not half a tree' },
  add('not a tar', 'ADD not.tar /x/'),
  add('empty file', 'ADD empty.tar /x/'),
  add('zeros', 'ADD zeros.tar /x/'),
  add('gzip that is no tar', 'ADD e.gz /x/'),
  add('copy of a tar', 'COPY p.tar /x/'),
  add('link', 'ADD --link p.tar /x/'),
  add('exclude', 'ADD --exclude=*.tar* . /x/'),
  add('everything', 'ADD . /x/'),
  add('unpack', 'ADD --unpack=true p.tar /x/'),
  add('no unpack', 'ADD --unpack=false p.tar /x/'),
  add('unknown flag', 'ADD --from=x f /x'),
  add(
    'checksum of a local file',
    'ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 f /x',
  ),
  add('keep-git-dir of a local file', 'ADD --keep-git-dir=true f /x'),
  add('heredoc with archives', 'ADD p.tar <<EOF /x/', 'text', 'EOF'),
];

const TREE: Readonly<Record<string, ContextEntry>> = {
  a: 'a\n',
  'b.md': 'b\n',
  'README.md': 'r\n',
  'd/a': 'a\n',
  'd/b.md': 'b\n',
  'd/e/f/g.md': 'g\n',
  'd/e/f/h': 'h\n',
  'node_modules/x/index.js': 'x\n',
  'sub/node_modules/y/index.js': 'y\n',
  'sub/.env': 'secret\n',
  '.env': 'secret\n',
  '.git/HEAD': 'ref\n',
  'with space/x': 'x\n',
  empty: { directory: true },
  '#hash': 'h\n',
  '!bang': 'b\n',
};
const ignore = (name: string, content: string, more: Partial<BuildCase> = {}): BuildCase => ({
  name: `ignore: ${name}`,
  dockerfile: `${FROM}\nCOPY . /x/\n`,
  files: { ...TREE, '.dockerignore': content },
  ...more,
});

/** What docker's classic client does not send, no engine can put in. */
const unsent = (one: BuildCase): BuildCase => ({ ...one, differsByClient: 'the classic client sends less' });

const IGNORE_CASES: readonly BuildCase[] = [
  ignore('names', 'a\nnode_modules\n'),
  ignore('double star in front', '**/node_modules\n**/.env\n'),
  ignore('double star inside', 'd/**/h\n'),
  ignore('double star at the end', 'd/**\n'),
  ignore('star', '*\n'),
  unsent(ignore('star and exceptions', '*\n!a\n!d/e\n')),
  ignore('star in a directory', 'd/*\n'),
  ignore('question mark', '?\n'),
  ignore('class', '[ab]*\n'),
  ignore('exceptions', '*.md\n!README.md\n'),
  ignore('exceptions in order', '!README.md\n*.md\n'),
  unsent(ignore('exception below an ignored directory', 'd\n!d/e/f/g.md\n')),
  unsent(ignore('exception with double star', '**\n!**/*.md\n')),
  ignore('slash in front', '/a\n/d/a\n'),
  ignore('slash at the end', 'd/\nnode_modules/\n'),
  ignore('dot slash', './a\n./d/a\n'),
  ignore('dots inside', 'd/../a\n'),
  ignore('spaces around', '  a  \n\td/a\t\n'),
  ignore('comments', '# a\n#hash\na\n'),
  ignore('escaped hash', '\\#hash\n'),
  ignore('escaped bang', '\\!bang\n'),
  ignore('bang alone', 'd\n!\n'),
  ignore('bang with a space', '*\n! a\n'),
  ignore('a space inside', 'with space\n'),
  ignore('empty lines', '\n\na\n\n'),
  ignore('dot', '.\n'),
  ignore('crlf', 'a\r\nd/a\r\n'),
  ignore('bom', '\uFEFFa\n'),
  ignore('bad pattern', '[\n'),
  ignore('dockerfile itself', 'Dockerfile\n.dockerignore\n'),
  ignore('git', '.git\n'),
  ignore('directory and file of a name', '**/a\n'),
  ignore('middle star', 'd/*/f\n'),
  ignore('no such', 'nothing\n'),
  ignore('empty file', ''),
  ignore('dockerfile of another name', 'a\n', { file: 'sub/my.Dockerfile' }),
  unsent(
    ignore('own ignore file', 'a\n', {
      file: 'my.Dockerfile',
      files: { ...TREE, '.dockerignore': 'a\n', 'my.Dockerfile.dockerignore': 'b.md\n' },
    }),
  ),
  unsent(
    ignore('own ignore file in a directory', 'a\n', {
      file: 'sub/my.Dockerfile',
      files: { ...TREE, '.dockerignore': 'a\n', 'sub/my.Dockerfile.dockerignore': 'b.md\n' },
    }),
  ),
  ignore('ignored source', 'a\n', { dockerfile: `${FROM}\nCOPY a /x\n` }),
  ignore('ignored source by wildcard', 'a\n', { dockerfile: `${FROM}\nCOPY a* /x/\n` }),
  ignore('ignored in a mount', 'a\n', { dockerfile: `${FROM}\nRUN --mount=target=/m ls -A /m >/x\n` }),
];

const odd = (name: string, files: BuildCase['files'], ...lines: string[]): BuildCase => ({
  name: `context: ${name}`,
  dockerfile: [FROM, ...lines, ''].join('\n'),
  ...(files === undefined ? {} : { files }),
});
const CONTEXT_CASES: readonly BuildCase[] = [
  odd('hard links', { a: 'a\n', b: { hardLink: 'a' } }, 'COPY . /x/'),
  odd('fifo', { a: 'a\n', p: { fifo: true } }, 'COPY . /x/'),
  odd('symlinks that lead out', { a: { link: '/etc/passwd' }, 'd/b': { link: '../../../../etc' } }, 'COPY d /x'),
  odd('a source symlink that leads out', { a: { link: '../../etc/passwd' } }, 'COPY a /x'),
  odd('symlink loop', { a: { link: 'b' }, b: { link: 'a' }, 'd/a': { link: 'a' } }, 'COPY d /x'),
  odd('symlink loop as source', { a: { link: 'b' }, b: { link: 'a' } }, 'COPY a /x'),
  odd(
    'odd names',
    { 'a\nb': '1', 'c\td': '2', "e'f": '3', 'g"h': '4', 'i\\j': '5', '-k': '6', $l: '7', '~m': '8' },
    'COPY . /x/',
  ),
  odd('long names', { ['n'.repeat(255)]: '1', [`${'d/'.repeat(60)}${'m'.repeat(120)}`]: '2' }, 'COPY . /x/'),
  odd(
    'sizes',
    { zero: '', one: '1', block: 'b'.repeat(512), more: 'c'.repeat(513), big: 'd'.repeat(300_000) },
    'COPY . /x/',
  ),
  odd(
    'modes',
    {
      a: { mode: 0o000 },
      b: { mode: 0o777 },
      c: { mode: 0o2755 },
      d: { directory: true, mode: 0o1777 },
      e: { directory: true, mode: 0 },
    },
    'COPY . /x/',
  ),
  odd('binary', { a: { content: Buffer.from([0, 255, 10, 13, 0]) } }, 'COPY a /x'),
  odd('no files', {}, 'COPY . /x/'),
  odd('empty directories', { 'a/b/c': { directory: true }, d: { directory: true } }, 'COPY . /x/', 'COPY a /y'),
  odd('dockerfile in lower case', { dockerfile: 'FROM conformance-busybox\nENV WRONG=1\n' }, 'ENV A=1'),
];

export const FILE_CASES: readonly BuildCase[] = [...ADD_CASES, ...IGNORE_CASES, ...CONTEXT_CASES];
