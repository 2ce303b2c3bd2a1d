/** Archives in and out, changes, export, commit. */
import { type HandEntry, handMadeTar } from '../../support/tar-builder.ts';
import { create, del, ended, events, get, head, post, put, quiet, type Row, row, running, shell } from '../step.ts';

const STAT = { heads: ['x-docker-container-path-stat'] };
const place = (path: string): string => `/containers/~a/archive?path=${path}`;
const MADE = shell(
  'mkdir -p /d/sub; echo one >/d/f; chmod 640 /d/f; ln -s f /d/l; ln -s /nope /d/dead; ln -s sub /d/ls; echo x >/d/sub/g; sleep 1000',
);

/** docker-compose 1 cannot do without the one, and no Docker made these images. */
const IMAGE = { ContainerConfig: 'for docker-compose 1', DockerVersion: 'as Debian numbers it' };

type Given = HandEntry | readonly [name: string, link?: string | undefined];

function entryOf(given: Given): HandEntry {
  if (!Array.isArray(given)) return given as HandEntry;
  const [name, link] = given as readonly [string, string | undefined];
  if (link !== undefined) return { name, type: '2', linkName: link };
  return name.endsWith('/') ? { name, type: '5' } : { name, data: 'x' };
}

const unpack = (directory: string, ...entries: readonly Given[]) =>
  put(place(directory), handMadeTar(entries.map(entryOf)).toString('latin1'));

export const FILES: readonly Row[] = [
  row('archives: what is where', [
    ...running('a', MADE),
    quiet(get('/containers/~a/json')),
    { kind: 'sleep', ms: 300 },
    head(place('/d/f'), STAT),
    head(place('/d'), STAT),
    head(place('/d/'), STAT),
    head(place('/d/l'), STAT),
    head(place('/d/dead'), STAT),
    head(place('/d/ls'), STAT),
    head(place('/d/ls/'), STAT),
    head(place('/d/ls/g'), STAT),
    head(place('d/f'), STAT),
    head(place('/nope'), STAT),
    head(place('/d/f/x'), STAT),
    head('/containers/~a/archive', STAT),
    head(place(''), STAT),
    get(place('/d/f'), STAT),
    get(place('/d')),
    get(place('/d/')),
    get(place('/d/.')),
    get(place('/d/./')),
    get(place('/d/l')),
    get(place('/d/ls')),
    get(place('/d/ls/')),
    get(place('/d/f/')),
    get(place('/nope')),
    get('/containers/~a/archive'),
    get(place('../../d/f')),
  ]),
  row('archives: what is no directory, and names that are too long', [
    ...running('a', MADE),
    { kind: 'sleep', ms: 300 },
    get(place('/d/f/.')),
    get(place(`/${'x'.repeat(300)}`)),
    get(place(`/d/${'x'.repeat(300)}/y`)),
  ]),
  row('archives: of one that has ended, the files that were mounted into it', [
    ...ended('a', { Hostname: 'hh' }),
    get(place('/etc/hostname')),
    head(place('/etc/hostname')),
  ]),
  row('archives: the working directory is there before the container runs', [
    create('a', { WorkingDir: '/made/for/it' }),
    head(place('/made/for/it')),
    get('/containers/~a/changes'),
    post('/containers/create', { Image: '$IMAGE', Cmd: ['true'], WorkingDir: '/etc/passwd' }),
  ]),
  row('archives: entries through links stay in the directory', [
    create('a'),
    unpack('/', ['t/abs', '/out'], ['t/rel', '../out'], ['t/in', 'sub'], ['t/gone', 'nowhere'], ['t/loop', 'loop']),
    unpack('/', ['t/sub/'], ['out/file'], ['t/file'], ['t/root', '/'], ['t/up', 'sub/../..']),
    ...['abs', 'rel', 'in', 'gone', 'loop', 'file', 'root', 'up'].flatMap((link) => [
      unpack('/t', [`${link}/n-${link}`]),
      unpack('/t', [`${link}/deep/m-${link}`]),
    ]),
    unpack('/t', { name: 'h1', type: '1', linkName: 'file' }),
    unpack('/t', { name: 'h2', type: '1', linkName: 'abs/file' }),
    unpack('/t', { name: 'h3', type: '1', linkName: '../out/file' }),
    unpack('/t', { name: 'h4', type: '1', linkName: 'in' }),
    unpack('/t', ['../out/n']),
    get(place('/t')),
    get(place('/out')),
  ]),
  row('archives: put', [
    ...running('a', MADE),
    { kind: 'sleep', ms: 300 },
    put(place('/nope'), ''),
    put(place('/d/f'), ''),
    put(place('/d/f/'), ''),
    put(place(''), ''),
    put('/containers/~a/archive', ''),
    put(place('/d'), ''),
    put(place('/d'), 'no tar at all', { headers: { 'content-type': 'application/x-tar' } }),
    put(`${place('/d')}&noOverwriteDirNonDir=1`, ''),
  ]),
  row(
    'archives: onto what is read-only',
    [
      ...running('a', {}, { ReadonlyRootfs: true, Binds: ['/usr:/ro:ro'], Tmpfs: { '/t': '' } }),
      put(place('/tmp'), ''),
      put(place('/ro'), ''),
      put(place('/t'), ''),
      create('b', {}, { ReadonlyRootfs: true }),
      put('/containers/~b/archive?path=/tmp', ''),
    ],
    { '4.': 'a tmpfs can be written to' },
  ),
  row('changes', [
    ...ended('a', shell('mkdir /new; echo x >/new/f; rm /etc/passwd; chmod 700 /tmp; ln -s x /new/l')),
    get('/containers/~a/changes'),
    ...running('b', shell('echo x >/etc/new; sleep 1000')),
    { kind: 'sleep', ms: 300 },
    get('/containers/~b/changes'),
  ]),
  row('export', [
    ...ended('a', shell('true')),
    get('/containers/~a/export', { show: 'shape' }),
    create('b'),
    get('/containers/~b/export', { show: 'shape' }),
    events({ container: ['~a'], event: ['export'] }),
  ]),
  row('commit: tells that it holds a running container still', [
    ...running('a'),
    quiet(post('/commit?container=~a&repo=~img&tag=1', {})),
    quiet(post('/commit?container=~a&repo=~img&tag=2&pause=0', {})),
    events({ container: ['{a}'] }),
    quiet(del('/images/~img:1')),
    quiet(del('/images/~img:2')),
  ]),
  row(
    'commit',
    [
      ...running('a', { Env: ['A=1'], Labels: { a: 'b' } }),
      post('/commit?container=~a&repo=~img&tag=1&comment=said&author=me', {}, { show: 'shape' }),
      get('/images/~img:1/json'),
      get('/images/~img:1/history', { show: 'shape' }),
      post(
        '/commit?container=~a&repo=~img&tag=2&pause=0',
        { Cmd: ['other'], Env: ['B=2'], Labels: { c: 'd' } },
        { show: 'shape' },
      ),
      get('/images/~img:2/json'),
      post(
        '/commit?container=~a&repo=~img&tag=3&changes=CMD ["a"]&changes=ENV X=y&changes=EXPOSE 80&changes=LABEL l=m&changes=USER u&changes=WORKDIR /w&changes=VOLUME /v&changes=ENTRYPOINT ["e"]&changes=ONBUILD RUN x',
        {},
        { show: 'shape' },
      ),
      get('/images/~img:3/json'),
      post('/commit?container=~a&changes=RUN x', {}),
      post('/commit?container=~a&changes=BOGUS', {}),
      post('/commit?container=~a&repo=UPPER', {}),
      post('/commit?container=~a&repo=~img&tag=bad tag', {}),
      post('/commit?container=~a&repo=~img', '{'),
      post('/commit?container=~a&repo=~img:5', {}, { show: 'shape' }),
      events({ container: ['{a}'], event: ['commit'] }),
      ...['1', '2', '3', '5'].map((tag) => del(`/images/~img:${tag}`, { show: 'status' })),
    ],
    IMAGE,
  ),
  row('commit of one that is paused, and of one that has ended', [
    ...running('a'),
    quiet(post('/containers/~a/pause')),
    post('/commit?container=~a', {}, { show: 'shape' }),
    get('/containers/json?filters={"name":["~a"]}', { show: 'shape' }),
    ...ended('b'),
    post('/commit?container=~b', {}, { show: 'shape' }),
  ]),
];
