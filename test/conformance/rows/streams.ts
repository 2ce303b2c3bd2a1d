/** Logs, attach, exec, top, stats, health. */
import {
  create,
  drain,
  drop,
  ended,
  events,
  expect,
  get,
  halfClose,
  open,
  post,
  quiet,
  type Row,
  row,
  running,
  send,
  shell,
  sleep,
  start,
  until,
} from '../step.ts';

const SPEAK = shell('echo one; sleep 0.1; echo err >&2; sleep 0.1; echo two');
const log = (query: string, version = ''): ReturnType<typeof get> => get(`${version}/containers/~a/logs?${query}`);

const logs: readonly Row[] = [
  row('logs with all their parameters', [
    ...ended('a', SPEAK),
    log('stdout=1'),
    log('stderr=1'),
    log('stdout=1&stderr=1'),
    log('stdout=true&stderr=True'),
    log('stdout=1&stderr=1&timestamps=1'),
    log('stdout=1&stderr=1&tail=1'),
    log('stdout=1&stderr=1&tail=0'),
    log('stdout=1&tail=1'),
    log('stdout=1&stderr=1&tail=all'),
    log('stdout=1&stderr=1&tail=-5'),
    log('stdout=1&stderr=1&tail=x'),
    log('stdout=1&stderr=1&since=1'),
    log('stdout=1&stderr=1&since={now}'),
    log('stdout=1&stderr=1&until=1'),
    log('stdout=1&stderr=1&until={now}'),
    log('stdout=1&stderr=1&since=x'),
    log('stdout=1&stderr=1&until=x'),
    log('stdout=1&follow=1'),
    log('stdout=1&follow=1&tail=1'),
    log('follow=1'),
    log('stdout=0&stderr=0'),
    log('stdout=1', '/v1.41'),
    log('stdout=1', '/v1.42'),
    log('stdout=1', '/v1.24'),
  ]),
  row('logs of a terminal', [
    ...ended('a', { ...SPEAK, Tty: true }),
    log('stdout=1'),
    log('stderr=1'),
    log('stdout=1&timestamps=1'),
  ]),
  row('logs that are followed', [
    ...running('a', shell('echo one; sleep 0.3; echo two; sleep 0.3; echo three')),
    log('stdout=1&stderr=1&follow=1'),
  ]),
  row('logs that nobody keeps', [
    ...ended('a', SPEAK, { LogConfig: { Type: 'none' } }),
    log('stdout=1'),
    log('stdout=1&follow=1'),
  ]),
  row('logs of the driver local', [...ended('a', SPEAK, { LogConfig: { Type: 'local' } }), log('stdout=1&stderr=1')]),
  row('logs of lines without an end, and of none', [
    ...ended('a', shell('printf "no end"')),
    log('stdout=1'),
    ...ended('b'),
    get('/containers/~b/logs?stdout=1'),
  ]),
  row('logs of two runs', [...ended('a', SPEAK), start('a'), quiet(post('/containers/~a/wait')), log('stdout=1')]),
];

const ECHO = {
  ...shell('while read line; do echo "got $line"; done; echo end; exit 3'),
  OpenStdin: true,
  StdinOnce: true,
};
const ALL = 'stream=1&stdin=1&stdout=1&stderr=1';
const attach: readonly Row[] = [true, false].flatMap((upgrade) => [
  row(`attach, ${upgrade ? 'upgraded' : 'plain'}: input, half-close, output, end`, [
    create('a', ECHO),
    open('s', post(`/containers/~a/attach?${ALL}`), upgrade),
    start('a'),
    send('s', 'hello\n'),
    expect('s', 'got hello'),
    halfClose('s'),
    drain('s'),
    post('/containers/~a/wait'),
  ]),
  row(`attach, ${upgrade ? 'upgraded' : 'plain'}: a terminal, detached by keys`, [
    create('a', { ...ECHO, StdinOnce: false, Tty: true }),
    open('s', post(`/containers/~a/attach?${ALL}&detachKeys=ctrl-x,x`), upgrade),
    start('a'),
    send('s', 'hello\n'),
    expect('s', 'got hello'),
    send('s', '\x18x'),
    drain('s'),
    events({ container: ['{a}'] }),
    get('/containers/~a/json', { show: 'status' }),
  ]),
]);
const attachMore: readonly Row[] = [
  row('attach by version: what the streams are called', [
    ...running('a'),
    open('s', post('/v1.41/containers/~a/attach?stream=1&stdout=1')),
    open('t', post('/v1.42/containers/~a/attach?stream=1&stdout=1')),
    open('u', post('/v1.42/containers/~a/attach?stream=1&stdout=1'), false),
    ...running('b', { Tty: true }),
    open('v', post('/containers/~b/attach?stream=1&stdout=1')),
  ]),
  row('attach to what was printed before', [
    ...ended('a', SPEAK),
    open('s', post('/containers/~a/attach?logs=1&stdout=1')),
    drain('s'),
    open('t', post('/containers/~a/attach?logs=1&stdout=1&stderr=1')),
    drain('t'),
    open('u', post('/containers/~a/attach?stream=1&stdout=1')),
  ]),
  row(
    'attach with keys that are none',
    [...running('a'), open('s', post('/containers/~a/attach?stream=1&detachKeys=ctrl-'))],
    { '.type': 'an error is JSON, as all errors' },
  ),
  row('one attached goes away: the container does not mind', [
    ...running('a', { ...shell('while :; do echo x; sleep 0.05; done'), OpenStdin: true }),
    open('s', post(`/containers/~a/attach?${ALL}`)),
    expect('s', 'x'),
    drop('s'),
    sleep(300),
    get('/containers/json?filters={"name":["~a"]}'),
    post('/containers/~a/stop'),
  ]),
  row('two attached: both hear all', [
    create('a', shell('sleep 0.3; echo said')),
    open('s', post('/containers/~a/attach?stream=1&stdout=1')),
    open('t', post('/containers/~a/attach?stream=1&stdout=1')),
    start('a'),
    drain('s'),
    drain('t'),
  ]),
];

const exec = (body: object): ReturnType<typeof post> =>
  post('/containers/~a/exec', { AttachStdout: true, AttachStderr: true, ...body }, { as: 'x', show: 'status' });
const look = get('/exec/{x}/json');
const execs: readonly Row[] = [
  row('exec: made, started, ended', [
    ...running('a', { Env: ['A=1'] }),
    exec({ Cmd: ['sh', '-c', 'echo out; sleep 0.2; echo err >&2; exit 4'] }),
    look,
    open('s', post('/exec/{x}/start', {})),
    drain('s'),
    until('/exec/{x}/json', 'Running', false),
    look,
    events({ container: ['{a}'] }),
  ]),
  row(
    'exec: started twice',
    [
      ...running('a'),
      exec({ Cmd: ['true'] }),
      post('/exec/{x}/start', { Detach: true }),
      until('/exec/{x}/json', 'Running', false),
      post('/exec/{x}/start', {}),
    ],
    { '4.': 'an error with its status, where Docker sends it as output' },
  ),
  row('exec: the size of a terminal, given when it is made; resized too late', [
    ...running('a'),
    exec({ Cmd: ['stty', 'size'], Tty: true, ConsoleSize: [33, 44] }),
    open('s', post('/exec/{x}/start', { Tty: true })),
    drain('s'),
    until('/exec/{x}/json', 'Running', false),
    post('/exec/{x}/resize?h=1&w=2'),
  ]),
  row('what a container is told: domain, hardware address, size of its terminal', [
    ...ended('a', { ...shell('cat /proc/sys/kernel/domainname'), Domainname: 'dom.example', Hostname: 'h' }),
    get('/containers/~a/logs?stdout=1'),
    ...ended(
      'b',
      { ...shell('grep -c 02:42:08:26:a9:55 /sys/class/net/eth0/address'), MacAddress: '02:42:08:26:a9:55' },
      { NetworkMode: 'bridge' },
    ),
    get('/containers/~b/logs?stdout=1'),
    ...ended('c', { Cmd: ['stty', 'size'], Tty: true }, { ConsoleSize: [57, 123] }),
    get('/containers/~c/logs?stdout=1'),
  ]),
  row('terminals: sizes that there are not', [
    ...running('a', { Tty: true }),
    ...['h=-1&w=1', 'h=1&w=-1', 'h=99999999999&w=1', 'h=x&w=1', 'h=1', 'h=0&w=0'].map((size) =>
      post(`/containers/~a/resize?${size}`),
    ),
  ]),
  row('exec: not upgraded', [
    ...running('a'),
    exec({ Cmd: ['sh', '-c', 'echo out; sleep 0.2; echo err >&2; exit 4'] }),
    open('s', post('/exec/{x}/start', {}), false),
    drain('s'),
  ]),
  row('exec: user, directory, variables, privileges', [
    ...running('a'),
    exec({
      Cmd: ['sh', '-c', 'id; pwd; echo $B'],
      User: '1000:1001',
      WorkingDir: '/tmp',
      Env: ['B=2'],
      Privileged: true,
    }),
    look,
    open('s', post('/exec/{x}/start', {})),
    drain('s'),
    look,
  ]),
  ...[true, false].flatMap((Tty) =>
    [true, false].map((raw) =>
      row(`exec: terminal ${Tty}, started as if ${raw}`, [
        ...running('a'),
        exec({
          Cmd: ['sh', '-c', '[ ! -t 1 ] || stty size; echo out; sleep 0.2; echo err >&2'],
          Tty,
          ConsoleSize: [57, 123],
        }),
        open('s', post('/exec/{x}/start', { Tty: raw })),
        drain('s'),
      ]),
    ),
  ),
  row('exec: what is malformed comes before what is not there', [
    post('/exec/nobody/start', '{bad', { headers: { 'content-type': 'application/json' } }),
    post('/exec/nobody/start', '{}', { headers: { 'content-type': 'text/plain' } }),
  ]),
  row('sizes of terminals', [
    ...running('a', { Tty: true }),
    ...['h=-1&w=1', 'h=1&w=-1', 'h=4294967296&w=1', 'h=x&w=1', 'h=1', 'w=1'].map((size) =>
      post(`/containers/~a/resize?${size}`),
    ),
  ]),
  row('exec: input', [
    ...running('a'),
    exec({ Cmd: ['cat'], AttachStdin: true }),
    open('s', post('/exec/{x}/start', {})),
    send('s', 'typed\n'),
    expect('s', 'typed'),
    halfClose('s'),
    drain('s'),
  ]),
  row('exec: a terminal and its size', [
    ...running('a'),
    exec({ Cmd: ['stty', 'size'], Tty: true, ConsoleSize: [33, 44] }),
    open('s', post('/exec/{x}/start', { Tty: true, ConsoleSize: [33, 44] })),
    drain('s'),
    exec({ Cmd: ['stty', 'size'], Tty: true }),
    open('t', post('/exec/{x}/start', { Tty: true, ConsoleSize: [1] })),
  ]),
  row('exec: detached', [
    ...running('a'),
    exec({ Cmd: ['sh', '-c', 'sleep 0.2; exit 6'] }),
    post('/exec/{x}/start', { Detach: true }),
    until('/exec/{x}/json', 'Running', false),
    look,
  ]),
  row('exec: what cannot be', [
    ...running('a'),
    post('/containers/~a/exec', {}),
    post('/containers/~a/exec', { Cmd: [] }),
    post('/containers/~a/exec', { Cmd: ['true'], DetachKeys: 'ctrl-' }),
    post('/containers/~a/exec', ''),
    post('/containers/~a/exec', '{'),
    post('/containers/~a/exec', { Cmd: ['true'], User: 'nobodyknows' }, { as: 'x', show: 'status' }),
    post('/exec/{x}/start', { Detach: true }),
    look,
    exec({ Cmd: ['nosuchcmd'] }),
    post('/exec/{x}/start', { Detach: true }),
    look,
    exec({ Cmd: ['/etc'] }),
    post('/exec/{x}/start', { Detach: true }),
    look,
    exec({ Cmd: ['pwd'], WorkingDir: '/nope' }),
    post('/exec/{x}/start', { Detach: true }),
    look,
    get('/exec/nope/json'),
    post('/exec/nope/start', {}),
    post('/exec/nope/resize?h=1&w=1'),
  ]),
  row('exec: while it runs, and when its container ends', [
    ...running('a'),
    exec({ Cmd: ['sleep', '100'] }),
    post('/exec/{x}/resize?h=1&w=1'),
    post('/exec/{x}/start', { Detach: true }),
    look,
    post('/exec/{x}/resize?h=1'),
    get('/containers/~a/json', { show: 'status' }),
    quiet(post('/containers/~a/kill')),
    quiet(post('/containers/~a/wait')),
    look,
    exec({ Cmd: ['true'] }),
  ]),
  row('exec: made, then its container stops before it starts', [
    ...running('a'),
    exec({ Cmd: ['true'] }),
    quiet(post('/containers/~a/kill')),
    quiet(post('/containers/~a/wait')),
    post('/exec/{x}/start', { Detach: true }),
  ]),
  row('exec: made, then its container is paused before it starts', [
    ...running('a'),
    exec({ Cmd: ['true'] }),
    quiet(post('/containers/~a/pause')),
    post('/exec/{x}/start', { Detach: true }),
  ]),
];

/** What the kernel counts depends on its cgroups. */
const KERNEL = { memory_stats: 'of the kernel', blkio_stats: 'of the kernel', percpu_usage: 'of the kernel' };
const observe: readonly Row[] = [
  row('top', [
    ...running('a'),
    get('/containers/~a/top', { show: 'shape' }),
    get('/containers/~a/top?ps_args=-o pid,comm', { show: 'shape' }),
    get('/containers/~a/top?ps_args=-o comm'),
    get('/containers/~a/top?ps_args=aux', { show: 'shape' }),
    get('/containers/~a/top?ps_args=--bogus', { show: 'status' }),
  ]),
  row(
    'statistics',
    [
      ...running('a', {}, { NetworkMode: 'bridge' }),
      get('/containers/~a/stats?stream=0', { show: 'shape' }),
      get('/containers/~a/stats?stream=0&one-shot=1', { show: 'shape' }),
      quiet(post('/containers/~a/kill')),
      quiet(post('/containers/~a/wait')),
      get('/containers/~a/stats?stream=0', { show: 'shape' }),
      get('/containers/~a/stats?stream=1&one-shot=1'),
    ],
    KERNEL,
  ),
  row(
    'statistics without a network',
    [...running('a'), get('/containers/~a/stats?stream=0', { show: 'shape' })],
    KERNEL,
  ),
  row('health: good', [
    ...running('a', { Healthcheck: { Test: ['CMD-SHELL', 'echo fine'], Interval: 100e6, Retries: 2 } }),
    until('/containers/~a/json', 'State.Health.Status', 'healthy'),
    get('/containers/json?filters={"health":["healthy"],"name":["~a"]}', { show: 'shape' }),
    quiet(post('/containers/~a/kill')),
    quiet(post('/containers/~a/wait')),
    get('/containers/~a/json', { show: 'shape' }),
  ]),
  row('health: bad', [
    ...running('a', { Healthcheck: { Test: ['CMD', 'sh', '-c', 'echo bad; exit 1'], Interval: 100e6, Retries: 2 } }),
    until('/containers/~a/json', 'State.Health.Status', 'unhealthy'),
    events({ container: ['{a}'], event: ['health_status: unhealthy'] }),
  ]),
  row('health: none', [
    ...running('a', { Healthcheck: { Test: ['NONE'] } }),
    get('/containers/~a/json', { show: 'shape' }),
    get('/containers/json?filters={"health":["none"],"name":["~a"]}', { show: 'shape' }),
  ]),
  row('memory runs out', [
    ...ended('a', shell('a=x; while :; do a=$a$a; done'), { Memory: 16 << 20, MemorySwap: 16 << 20 }),
    sleep(100),
    post('/containers/~a/wait'),
    until('/containers/~a/json', 'State.OOMKilled', true),
    events({ container: ['{a}'], event: ['oom', 'die'] }),
  ]),
];

export const STREAMS: readonly Row[] = [...logs, ...attach, ...attachMore, ...execs, ...observe];
