/** Values at the edge of what there is: of wrong types, taken though odd, and refused only when the container starts. */
import { containerBody, create, get, post, quiet, type Request, type Row, row, running } from '../step.ts';

const body = (config: object, host: object = {}): Request => post('/containers/create', containerBody(config, host));
const host = (options: object): Request => body({}, options);
const endpoint = (wishes: unknown): Request =>
  body({ NetworkingConfig: { EndpointsConfig: { bridge: wishes } } }, { NetworkMode: 'bridge' });

const TYPES: readonly Row[] = [
  row('wrong types in lists, maps and numbers of a container', [
    body({ Env: [5] }),
    body({ Labels: { a: 5 } }),
    body({ ExposedPorts: { '80/tcp': 5 } }),
    body({ Volumes: { '/a~b': 5 } }),
    body({ Shell: 5 }),
    body({ StopTimeout: '5' }),
    body({ StopTimeout: 1.5 }),
    body({ Healthcheck: 5 }),
    body({ Healthcheck: { Test: [5] } }),
    body({ Healthcheck: { Interval: 'x' } }),
    host({ Devices: ['x'] }),
    host({ Devices: [{ PathOnHost: 5 }] }),
    host({ PortBindings: { '80/tcp': 5 } }),
    host({ PortBindings: { '80/tcp': [5] } }),
    host({ PortBindings: { '80/tcp': [{ HostPort: 80 }] } }),
    host({ LogConfig: { Config: { a: 5 } } }),
    host({ LogConfig: 5 }),
    host({ RestartPolicy: { Name: 5 } }),
    host({ DeviceRequests: [{ Capabilities: [['a', 5]] }] }),
    host({ DeviceRequests: [{ Count: 'x' }] }),
    host({ Mounts: [{ BindOptions: { Propagation: 5 } }] }),
    host({ Mounts: [{ TmpfsOptions: { Mode: -1 } }] }),
    host({ Mounts: [{ VolumeOptions: { DriverConfig: 5 } }] }),
    host({ Mounts: [null] }),
    host({ ConsoleSize: 5 }),
    host({ ConsoleSize: ['a', 1] }),
    host({ BlkioWeight: 70_000 }),
    host({ BlkioWeightDevice: 'x' }),
    host({ BlkioDeviceReadBps: [{ Rate: 'x' }] }),
    host({ Ulimits: 'x' }),
    host({ IOMaximumIOps: -1 }),
    host({ IpcMode: 5 }),
    host({ Isolation: 5 }),
    endpoint(5),
    endpoint({ IPAMConfig: 5 }),
    endpoint({ DriverOpts: { a: 5 } }),
    endpoint({ GwPriority: 'x' }),
  ]),
  row('wrong types elsewhere', [
    post('/containers/x/exec', { Cmd: [5] }),
    post('/containers/x/exec', { ConsoleSize: [-1, 1] }),
    post('/containers/x/update', { Ulimits: [5] }),
    post('/containers/x/update', { BlkioWeight: 70_000 }),
    post('/containers/x/update', { IOMaximumIOps: 5 }),
    post('/networks/create', { Name: 'x', IPAM: { Config: [{ Subnet: 5 }] } }),
    post('/networks/create', { Name: 'x', IPAM: { Config: [5] } }),
    post('/networks/create', { Name: 'x', ConfigFrom: 5 }),
    post('/networks/x/connect', { EndpointConfig: { Aliases: [5] } }),
    post('/volumes/create', { DriverOpts: { a: 5 } }),
    post('/commit?container=x', { ExposedPorts: { a: 5 } }),
    post('/auth', { username: 5 }),
    post('/auth', '[]'),
    post('/auth', '{'),
    post('/auth', ''),
    post('/containers/create', '{"Image":"$IMAGE",}'),
  ]),
];

const REFUSED: readonly Row[] = [
  row('odd values that are refused', [
    body({ StopSignal: ' 15' }),
    body({ MacAddress: '02:42:ac:11:00' }, { NetworkMode: 'bridge' }),
    host({ Binds: ['/tmp:/b:z,Z'] }),
    host({ Binds: ['/tmp:/b:consistent,cached'] }),
    host({ Binds: ['a:/b'] }),
    host({ Binds: ['b@d:/b'] }),
    host({ Binds: ['~v:/b', '~v:/b'] }),
    host({ VolumeDriver: 'bogus', Binds: ['a:/b'] }),
    host({ Mounts: [{ Type: 'tmpfs', Target: '/a', TmpfsOptions: { Options: [['a', 'b', 'c']] } }] }),
    host({ Links: [''], NetworkMode: 'bridge' }),
    host({ ExtraHosts: ['a=1.2.3.4'] }),
    host({ ExtraHosts: ['a:[::1]'] }),
    host({ SecurityOpt: ['no-new-privileges='] }),
    host({ StorageOpt: { bogus: '1' } }),
    host({ CpusetCpus: '1-0' }),
    host({ VolumesFrom: ['a:b:c'] }),
    post('/volumes/create', { Name: '~w', DriverOpts: { o: 'bind' } }),
    post('/volumes/create', { Name: '~w', DriverOpts: { device: '' } }),
    post('/volumes/create', { Name: '~w', DriverOpts: { size: 'x' } }),
    get('/volumes?filters={'),
    get('/containers/json?filters={"is-task":["true","x"]}'),
  ]),
];

const network = (asked: object): Request => post('/networks/create', { Name: '~n', ...asked });
const subnet = (entry: object): Request => network({ IPAM: { Config: [{ Subnet: '10.213.7.0/24', ...entry }] } });

const NETWORKS: readonly Row[] = [
  row('networks that cannot be', [
    network({ Driver: 'default' }),
    network({ ConfigOnly: true, Internal: true }),
    network({ IPAM: { Config: [null] } }),
    network({ Options: { 'com.docker.network.enable_ipv4': 'x' } }),
    network({ Options: { 'com.docker.network.enable_ipv4': 'false' } }),
    network({ Options: { 'com.docker.network.host_ipv4': 'x' } }),
    network({ Options: { 'com.docker.network.bridge.default_bridge': 'x' } }),
    network({ EnableIPv6: true, IPAM: { Config: [{ Subnet: 'ff00::/64' }] } }),
    subnet({ Subnet: '10.213.7.0/024' }),
    subnet({ Gateway: 'fd00::1' }),
    subnet({ IPRange: '10.213.0.0/16' }),
    subnet({ IPRange: 'fd00::/64' }),
  ]),
];

/** Made, and shown as it is kept. */
const taken = (title: string, config: object, options: object): Row =>
  row(`taken: ${title}`, [create('a', config, options), get('/containers/~a/json')]);

const TAKEN: readonly Row[] = [
  row('exec: keys to leave it', [
    ...running('a'),
    { ...quiet(post('/containers/~a/exec', { Cmd: ['true'], DetachKeys: 'ctrl-a,x' })), as: 'e' },
    get('/exec/{e}/json'),
  ]),
  taken('nulls', { Labels: { a: null }, ExposedPorts: { '80/tcp': null }, Shell: [] }, { Devices: [null] }),
  taken('entries without all fields', {}, { Ulimits: [{ Name: 'nofile' }], Devices: [{ PathOnHost: '/dev/null' }] }),
  taken('bindings of ports', {}, { NetworkMode: 'bridge', PortBindings: { '80/tcp': null, '81/tcp': [null] } }),
  ...['8000-8010/tcp', 'web', '70000', '53/foo', '/tcp'].map((port) =>
    row(`taken: exposed though it is no port: ${port}`, [...running('a', { ExposedPorts: { [port]: {} } })]),
  ),
  row('taken: several names for an address', [
    ...running('a', {}, { ExtraHosts: ['a b:1.2.3.4'], NetworkMode: 'bridge' }),
  ]),
  taken('sizes of a terminal', {}, { ConsoleSize: [1] }),
  taken('words of security', {}, { SecurityOpt: ['seccomp=', 'apparmor=', 'disable'], Isolation: 'DEFAULT' }),
  taken('what is shared with the host, with an option', {}, { PidMode: 'host', SecurityOpt: ['seccomp=unconfined'] }),
  taken('any mode of users', {}, { UsernsMode: 'keep-id' }),
  taken('a MAC address with dots', { MacAddress: '0242.ac11.0042' }, { NetworkMode: 'bridge' }),
  row(
    'an image that names no variant of its platform',
    ['linux/amd64/v1', 'linux/amd64/v3', 'linux/amd64/x', 'amd64', 'linux', 'linux/386'].map((platform) =>
      post(`/containers/create?platform=${platform}`, containerBody()),
    ),
  ),
  row('filters that fit nothing', [
    get('/containers/json?all=1&filters={"ancestor":["UPPER"]}'),
    get('/containers/json?all=1&filters={"ancestor":[""],"name":null}'),
  ]),
  row('an update changes limits, and nothing else', [
    create('a'),
    post('/containers/~a/update', { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 5 }], Devices: [{ PathOnHost: '/x' }] }),
    post('/containers/~a/update', { CgroupParent: '/x', Init: true, RestartPolicy: { Name: 'always' } }),
    post('/containers/~a/update', { NanoCpus: 100_000_000 }),
    post('/containers/~a/update', { CpuQuota: -1 }),
    post('/containers/~a/update', { MemorySwap: 7_000_000 }),
    get('/containers/~a/json'),
  ]),
];

const late = (title: string, options: object): Row =>
  row(
    `refused at the start: ${title}`,
    [create('a', {}, options), post('/containers/~a/start'), get('/containers/~a/json')],
    { '2.body.LogPath': 'Docker names the log once it has opened it' },
  );
const refused = (title: string, options: object): Row =>
  row(`refused sooner or later: ${title}`, [
    post('/containers/create?name=~a', containerBody({}, options)),
    post('/containers/~a/start'),
  ]);
const log = (Type: string, Config: object): object => ({ LogConfig: { Type, Config } });

const LATE: readonly Row[] = [
  late('a limit that there is not', { Ulimits: [{ Name: 'bogus', Soft: 1, Hard: 1 }] }),
  late('a limit above its own', { Ulimits: [{ Name: 'nofile', Soft: 2, Hard: 1 }] }),
  late('a setting of the whole kernel', { Sysctls: { 'kernel.panic': '1' } }),
  late('a setting of the host’s network', { Sysctls: { 'net.ipv4.ip_forward': '1' }, NetworkMode: 'host' }),
  late('a seccomp profile that is none', { SecurityOpt: ['seccomp=/nope'] }),
  late('a seccomp profile that is cut short', { SecurityOpt: ['seccomp={'] }),
  late('size of a log', log('json-file', { 'max-size': '-1' })),
  late('files of a log', log('json-file', { 'max-file': '0' })),
  late('packing of a log', log('json-file', { compress: 'x' })),
  refused('functions in a tag of a log', log('json-file', { tag: '{{foo}}' })),
  refused('a pattern of a log that Go has not', log('json-file', { 'env-regex': '(?=a)' })),
  refused('an address of a log with a path', log('fluentd', { 'fluentd-address': 'tcp://host/path' })),
  refused('IPC of no container', { IpcMode: 'container:' }),
  refused('IPC of a container that is not there', { IpcMode: 'container:~none' }),
  row('IPC of other containers', [
    running('own', {}, { IpcMode: 'private' }),
    running('shared', {}, { IpcMode: 'shareable' }),
    running('mounted', {}, { IpcMode: 'shareable', Tmpfs: { '/dev/shm': '' } }),
    running('host', {}, { IpcMode: 'host' }),
    running('second', {}, { IpcMode: 'container:~shared' }),
    ['own', 'shared', 'mounted', 'host', 'second'].flatMap((whose) => [
      create(`of-${whose}`, {}, { IpcMode: `container:~${whose}` }),
      post(`/containers/~of-${whose}/start`),
    ]),
  ]),
  late('size of a local log', log('local', { 'max-size': 'x' })),
  late('files of a local log', log('local', { 'max-file': '1' })),
  late('read-only with all below, and written to', {
    Mounts: [{ Type: 'bind', Source: '/dev', Target: '/a', BindOptions: { ReadOnlyForceRecursive: true } }],
  }),
];

export const ODD_VALUES: readonly Row[] = [...TYPES, ...REFUSED, ...NETWORKS, ...TAKEN, ...LATE];
