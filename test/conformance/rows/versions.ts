/** What old API versions send, and what they are answered. */
import { containerBody, create, ended, get, post, quiet, type Row, row, running, shell, type Step } from '../step.ts';

const old = (version: string, name: string, config: object = {}, host: object = {}): ReturnType<typeof post> =>
  post(`/v${version}/containers/create?name=~${name}`, containerBody(config, host), { as: name, show: 'status' });

const BOUND = {
  Binds: ['/dev:/d:ro'],
  Mounts: [{ Type: 'bind', Source: '/dev', Target: '/e', ReadOnly: true }],
};
const WRITABLE = shell("grep -E ' /(d|e)/shm ' /proc/self/mountinfo | grep -c ' rw,'; true");

const part = (name: string, Subpath: string): readonly Step[] => [
  create(
    name,
    { Cmd: ['ls', '/v'] },
    { Mounts: [{ Type: 'volume', Source: '~v', Target: '/v', VolumeOptions: { Subpath } }] },
  ),
  post(`/containers/~${name}/start`),
  quiet(post(`/containers/~${name}/wait`)),
  get(`/containers/~${name}/logs?stdout=1&stderr=1`),
];

export const VERSIONS: readonly Row[] = [
  row(
    'binds that are read-only are so below, too, since 1.44',
    ['1.24', '1.43', '1.44', '1.51'].flatMap((version, i) => [
      old(version, `c${i}`, WRITABLE, BOUND),
      quiet(post(`/containers/~c${i}/start`)),
      quiet(post(`/containers/~c${i}/wait`)),
      get(`/containers/~c${i}/logs?stdout=1`),
    ]),
  ),
  row(
    'fields of later versions are not there',
    ['1.24', '1.39', '1.41', '1.42', '1.43'].flatMap((version, i) => [
      old(
        version,
        `c${i}`,
        { Healthcheck: { Test: ['CMD', 'true'], StartInterval: 1e9 } },
        {
          Annotations: { a: 'b' },
          PidsLimit: 9,
          ConsoleSize: [3, 4],
        },
      ),
      get(`/containers/~c${i}/json`, { show: 'shape' }),
    ]),
  ),
  row('a part of a volume', [
    post(
      '/v1.44/containers/create',
      containerBody({}, { Mounts: [{ Type: 'volume', Source: '~v', Target: '/v', VolumeOptions: { Subpath: 'x' } }] }),
    ),
  ]),
  row(
    'several networks at once',
    [
      post(
        '/v1.43/containers/create',
        { ...containerBody(), NetworkingConfig: { EndpointsConfig: { x: {}, w: {} } } },
        { show: 'status' },
      ),
    ],
    { '0.': 'Docker names them in any order' },
  ),
  row('parts of a volume, and what leads out of it', [
    ...ended('a', shell('mkdir /v/sub; >/v/sub/f; ln -s sub /v/good; ln -s / /v/root; ln -s ../.. /v/up'), {
      Binds: ['~v:/v'],
    }),
    ...['sub', 'good', 'root', 'up', 'nowhere'].flatMap((name, i) => part(`p${i}`, name)),
  ]),
  row('annotations in lists', [
    create('a', {}, { Annotations: { k: 'v' } }),
    ...['1.44', '1.45', '1.46'].map((version) =>
      get(`/v${version}/containers/json?all=1&filters={"name":["~a"]}`, { show: 'shape' }),
    ),
  ]),
  row('limits of processes, made and changed', [
    ...[-1, 0, 5].flatMap((limit, i) => [
      create(`c${i}`, {}, { PidsLimit: limit }),
      get(`/containers/~c${i}/json`, { show: 'shape' }),
    ]),
    ...running('a', {}, { PidsLimit: 32 }),
    post('/v1.24/containers/~a/update', { PidsLimit: 16 }),
    get('/containers/~a/json', { show: 'shape' }),
    post('/containers/~a/update', { PidsLimit: -2 }),
    get('/containers/~a/json', { show: 'shape' }),
  ]),
  row('a directory with slashes too many', [...ended('a', { WorkingDir: '/tmp//x/' }), get('/containers/~a/json')]),
];
