/** What old API versions send, and what they are answered. */
import {
  begin,
  containerBody,
  create,
  del,
  drain,
  end,
  ended,
  events,
  get,
  open,
  post,
  quiet,
  type Row,
  row,
  running,
  shell,
  type Step,
  until,
} from '../step.ts';

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

const SYSCTLS = 'com.docker.network.endpoint.sysctls';
/** Made by clients of these versions, and what they and the newest ones are shown. */
const madeBy = (versions: readonly string[], body: object): readonly Step[] =>
  versions.flatMap((version, i) => [
    post(`/v${version}/containers/create?name=~c${i}`, body),
    get(`/containers/~c${i}/json`),
  ]);
const onNetwork = (mode: string, config: object, host: object = {}, endpoints: object = {}): object => ({
  ...containerBody(config, { ...host, NetworkMode: mode }),
  NetworkingConfig: { EndpointsConfig: endpoints },
});
const refused = (version: string, mount: object): Step =>
  post(`/v${version}/containers/create`, containerBody({}, { Mounts: [{ Target: '/t', ...mount }] }));

export const VERSIONS: readonly Row[] = [
  row('a hardware address of the container', [
    ...madeBy(['1.43', '1.44'], onNetwork('bridge', { MacAddress: '02:00:00:00:00:07' })),
    ...['none', 'host'].flatMap((mode, i) =>
      ['1.43', '1.44'].map((version, j) =>
        post(`/v${version}/containers/create?name=~m${i}${j}`, onNetwork(mode, { MacAddress: '02:00:00:00:00:07' })),
      ),
    ),
    get('/containers/~m01/json'),
  ]),
  row(
    'a hardware address of a network',
    madeBy(
      ['1.43', '1.44'],
      onNetwork('bridge', {}, {}, { bridge: { MacAddress: '02:00:00:00:00:07', GwPriority: 4 } }),
    ),
  ),
  row('sysctls of an interface', [
    ...madeBy(['1.46', '1.47'], onNetwork('bridge', {}, { Sysctls: { 'net.ipv4.conf.eth0.forwarding': '0' } })),
    ...['eth0', 'eth1'].flatMap((name) =>
      ['1.47', '1.48'].map((version) =>
        post(
          `/v${version}/containers/create`,
          onNetwork('bridge', {}, { Sysctls: { [`net.ipv4.conf.${name}.forwarding`]: '0' } }),
        ),
      ),
    ),
    post('/containers/create', onNetwork('bridge', {}, {}, { bridge: { DriverOpts: { [SYSCTLS]: 'net.ipv4.x=1' } } })),
  ]),
  row(
    'sysctls and link-local addresses of an interface that there is',
    [
      post(
        '/containers/create?name=~a',
        onNetwork(
          'bridge',
          shell(
            'cat /proc/sys/net/ipv4/conf/eth0/forwarding; ip -o addr show dev eth0 | grep -o "inet 169.254.*global"',
          ),
          {},
          {
            bridge: {
              IPAMConfig: { LinkLocalIPs: ['169.254.9.9'] },
              DriverOpts: { [SYSCTLS]: 'net.ipv4.conf.IFNAME.forwarding=0' },
            },
          },
        ),
        { show: 'status' },
      ),
      quiet(post('/containers/~a/start')),
      quiet(post('/containers/~a/wait')),
      get('/containers/~a/logs?stdout=1&stderr=1'),
      post(
        '/containers/create?name=~b',
        onNetwork('bridge', {}, {}, { bridge: { DriverOpts: { [SYSCTLS]: 'net.ipv4.conf.IFNAME.none=0' } } }),
        { show: 'status' },
      ),
      post('/containers/~b/start'),
    ],
    { '5.body.message': 'of interfaces, and of what set them' },
  ),
  row('kernel memory', [
    ...madeBy(['1.41', '1.42'], containerBody({}, { KernelMemory: 1e8 })),
    post('/v1.41/containers/create', containerBody({}, { KernelMemory: 1000 })),
  ]),
  row('what is left out where it is empty', [
    create('a', {}, { Sysctls: {}, Tmpfs: {}, Annotations: {}, StorageOpt: {}, Mounts: [], Ulimits: [], Binds: [] }),
    get('/containers/~a/json'),
  ]),
  row('what clients of before 1.25 and 1.40 expect', [
    ...madeBy(['1.24', '1.39', '1.40'], containerBody({}, { AutoRemove: true })),
  ]),
  row('mounts that a version has not got, or looks at', [
    refused('1.43', { Type: 'bind', Source: '/dev', ReadOnly: true, BindOptions: { ReadOnlyForceRecursive: true } }),
    refused('1.47', { Type: 'image', Source: '$IMAGE' }),
    ...['1.41', '1.42'].flatMap((version) => [
      refused(version, { Type: 'bind', Source: '/dev', VolumeOptions: { NoCopy: true } }),
      refused(version, { Type: 'volume', BindOptions: {} }),
      refused(version, { Type: 'volume', ReadOnly: true }),
      refused(version, { Type: 'tmpfs', BindOptions: {} }),
    ]),
    refused('1.42', { Type: 'bind', Source: '/dev', TmpfsOptions: { SizeBytes: 5 } }),
    refused('1.42', { Type: 'tmpfs', VolumeOptions: {} }),
    post(
      '/v1.41/containers/create?name=~a',
      containerBody({}, { Mounts: [{ Target: '/t', Type: 'bind', Source: '/dev', TmpfsOptions: { SizeBytes: 5 } }] }),
    ),
    get('/containers/~a/json'),
    ...madeBy(
      ['1.47', '1.48'],
      containerBody({}, { VolumeDriver: 'local', Mounts: [{ Type: 'volume', Target: '/v' }] }),
    ),
  ]),
  row('platforms since 1.41', [
    post('/v1.40/containers/create?name=~a&platform=windows/amd64', containerBody(), { show: 'status' }),
    post('/v1.41/containers/create?name=~b&platform=windows/amd64', containerBody(), { show: 'status' }),
  ]),
  row('a network without IPv4 since 1.48', [
    post('/v1.47/networks/create', { Name: '~n', EnableIPv4: false }, { show: 'status' }),
    get('/networks/~n', { show: 'shape' }),
    post('/v1.48/networks/create', { Name: '~m', EnableIPv4: false }),
    quiet(del('/networks/~n')),
  ]),
  row('names among the aliases until 1.44', [
    quiet(post('/networks/create', { Name: '~n' })),
    post('/containers/create?name=~a', onNetwork('~n', { Hostname: 'h' }, {}, { '~n': { Aliases: ['x', 'h'] } }), {
      show: 'status',
    }),
    get('/v1.44/containers/~a/json'),
    quiet(post('/containers/~a/start')),
    get('/v1.44/containers/~a/json'),
    get('/v1.45/containers/~a/json'),
    quiet(del('/containers/~a?force=1')),
    quiet(del('/networks/~n')),
  ]),
  row(
    'signals of a stop since 1.42',
    ['1.41', '1.42'].flatMap((version, i) => [
      ...running(`c${i}`, {
        ...shell('trap "exit 3" USR1; trap "exit 4" USR2; touch /up; while :; do sleep 0.05; done'),
        StopSignal: 'SIGUSR2',
        Healthcheck: { Test: ['CMD', 'test', '-e', '/up'], Interval: 1e8 },
      }),
      until(`/containers/~c${i}/json`, 'State.Health.Status', 'healthy'),
      post(`/v${version}/containers/~c${i}/stop?signal=USR1`),
      get(`/containers/~c${i}/json`, { show: 'shape' }),
      post(`/containers/~c${i}/wait`),
    ]),
  ),
  row('waiting, by version', [
    ...running('a'),
    post('/v1.30/containers/~a/wait?condition=bogus'),
    begin('w', post('/v1.29/containers/~a/wait?condition=bogus')),
    quiet(post('/containers/~a/kill')),
    end('w'),
    post('/v1.24/containers/~a/wait'),
    post('/v1.24/containers/~nobody/wait'),
  ]),
  row('the size of an exec’s terminal since 1.42', [
    ...running('a'),
    ...['1.41', '1.42'].flatMap((version, i) => [
      post(
        `/v${version}/containers/~a/exec`,
        { Cmd: ['stty', 'size'], AttachStdout: true, Tty: true, ConsoleSize: [5, 6] },
        { show: 'status', as: `e${i}` },
      ),
      open(`s${i}`, post(`/v${version}/exec/{e${i}}/start`, { Tty: true, ConsoleSize: [7, 8] })),
      drain(`s${i}`),
    ]),
  ]),
  row('events of images that were made, since 1.46', [
    ...ended('a'),
    quiet(post('/commit?container=~a&repo=~i')),
    events({ type: ['image'], image: ['~i'] }),
    get('/v1.45/events?since={start}&until={now}&filters={"type":["image"],"image":["~i"]}'),
    quiet(del('/images/~i')),
  ]),
  row('types of disk usage since 1.42', [get('/v1.41/system/df?type=bogus', { show: 'shape' })], {
    'body.': 'what there is besides, at each engine',
  }),
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
