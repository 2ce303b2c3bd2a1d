/** Create, start, stop, kill, restart, pause, rename, update, wait, remove, prune. */
import {
  begin,
  containerBody,
  create,
  del,
  end,
  ended,
  events,
  get,
  post,
  quiet,
  type Row,
  row,
  running,
  shell,
  single,
  sleep,
  start,
  until,
} from '../step.ts';

const VERBS = ['start', 'stop', 'kill', 'restart', 'pause', 'unpause', 'wait', 'update', 'exec', 'resize?h=1&w=1'];
const nobody = single('nobody by that name', [
  ...VERBS.map((verb) => post(`/containers/~a/${verb}`, verb === 'exec' ? { Cmd: ['x'] } : {})),
  post('/containers/~a/rename?name=~b'),
  ...['json', 'top', 'logs?stdout=1', 'changes', 'export', 'stats?stream=0', 'archive?path=/'].map((verb) =>
    get(`/containers/~a/${verb}`),
  ),
  get('/containers/~a/attach/ws?stream=1'),
  del('/containers/~a'),
  del('/containers/~a?force=1'),
  del('/containers/~a?link=1'),
  post('/commit?container=~a', {}),
  post('/commit', {}),
]);

const attached = row('attaching to nobody, and to one that is paused', [
  post('/containers/~a/attach?stream=1&stdout=1'),
  ...running('a'),
  quiet(post('/containers/~a/pause')),
  post('/containers/~a/attach?stream=1&stdout=1'),
]);

const BRIDGE = { NetworkMode: 'bridge' };
const listed = get('/containers/json?all=1&filters={"name":["^/~a$"]}');
const links: readonly Row[] = [
  row('links: what they are called, and that a container waits for those it is linked to', [
    create('a', {}, BRIDGE),
    create('b', {}, { ...BRIDGE, Links: ['~a:al'] }),
    listed,
    quiet(get('/containers/~b/al/json')),
    post('/containers/~b/start'),
    start('a'),
    start('b'),
    quiet(post('/containers/~a/rename?name=~c')),
    post('/containers/create', containerBody({}, { ...BRIDGE, Links: ['~nobody'] })),
    del('/containers/~b/nosuch?link=1'),
    del('/containers/~b/al?link=1'),
    quiet(get('/containers/~b/al/json')),
    quiet(get('/containers/~c/json')),
  ]),
  row('links to a container that has the host’s network', [
    create('a', {}, { NetworkMode: 'host' }),
    post('/containers/create', containerBody({}, { ...BRIDGE, Links: ['~a'] })),
  ]),
];

const late: readonly Row[] = [
  row('its own network', [create('a', {}, { NetworkMode: 'container:~a' }), post('/containers/~a/start')]),
  ...['/etc', '/dev/nosuch'].map((PathOnHost) =>
    row(`a device that is none: ${PathOnHost}`, [
      create('a', {}, { Devices: [{ PathOnHost, PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] }),
      post('/containers/~a/start'),
    ]),
  ),
  row('users out of range', [create('a', { User: '-1' }), post('/containers/~a/start')]),
  row('killing one that waits to be restarted ends it', [
    ...running('a', { Cmd: ['false'] }, { RestartPolicy: { Name: 'always' } }),
    sleep(2500),
    post('/containers/~a/kill'),
    until('/containers/~a/json', 'State.Status', 'exited'),
  ]),
  row('events from the beginning, and those before a time alone', [
    create('a'),
    get('/events?since=0&until={now}&filters={"container":["{a}"]}'),
    get('/events?until={now}&filters={"container":["{a}"]}'),
  ]),
];

const idle = row('what a container that never ran refuses', [
  create('a'),
  create('b'),
  post('/containers/create?name=~a', containerBody()),
  post('/containers/~a/stop'),
  post('/containers/~a/kill'),
  post('/containers/~a/kill?signal=BOGUS'),
  post('/containers/~a/pause'),
  post('/containers/~a/unpause'),
  get('/containers/~a/top'),
  get('/containers/~a/logs'),
  get('/containers/~a/logs?stdout=1'),
  get('/containers/~a/changes'),
  post('/containers/~a/resize?h=1&w=1'),
  post('/containers/~a/exec', { Cmd: ['true'] }),
  post('/containers/~a/wait?condition=bogus'),
  post('/containers/~a/rename'),
  post('/containers/~a/rename?name='),
  post('/containers/~a/rename?name=~a'),
  post('/containers/~a/rename?name=~b'),
  post('/containers/~a/rename?name=b@d'),
  post('/containers/~a/rename?name=/~c'),
  get('/containers/~c/json', { show: 'status' }),
  post('/containers/~c/stop?t=x'),
  post('/containers/~c/restart?t=x'),
  del('/containers/~c?link=1'),
  del('/containers/~c?v=x'),
]);

const live = row('what a running container refuses', [
  ...running('a'),
  post('/containers/~a/start'),
  post('/containers/~a/unpause'),
  post('/containers/~a/kill?signal=BOGUS'),
  post('/containers/~a/kill?signal=99'),
  post('/containers/~a/kill?signal=-1'),
  post('/containers/~a/resize'),
  post('/containers/~a/resize?h=x&w=1'),
  post('/containers/~a/resize?h=1&w=x'),
  post('/containers/~a/resize?h=10&w=10'),
  del('/containers/~a'),
  post('/containers/~a/pause'),
  post('/containers/~a/pause'),
  post('/containers/~a/start'),
  post('/containers/~a/exec', { Cmd: ['true'] }),
  get('/containers/~a/top', { show: 'shape' }),
  del('/containers/~a'),
  get('/containers/json?filters={"name":["~a"]}'),
  post('/containers/~a/unpause'),
  post('/containers/~a/unpause'),
  post('/containers/~a/kill?signal=KILL'),
  until('/containers/~a/json', 'State.Status', 'exited'),
  post('/containers/~a/kill'),
  post('/containers/~a/stop'),
  post('/containers/~a/pause'),
  del('/containers/~a'),
]);

const exits = [
  ['by itself', { Cmd: ['true'] }],
  ['with a code', shell('exit 42')],
  ['with no such program', { Cmd: ['nosuchcmd'] }],
  ['with a directory for a program', { Cmd: ['/etc'] }],
  ['with a file that is no program', { Cmd: ['/etc/passwd'] }],
  ['by a signal of its own', shell('kill -9 $$')],
  ['with no such working directory made', { Cmd: ['pwd'], WorkingDir: '/made/here' }],
  ['with no such user', { Cmd: ['true'], User: 'nobodyknows' }],
  ['with no such group', { Cmd: ['true'], User: '0:nobodyknows' }],
] as const;
const ends = exits.map(([how, config]) =>
  row(`a container ends ${how}`, [
    create('a', config),
    post('/containers/~a/start'),
    post('/containers/~a/wait'),
    get('/containers/~a/json', { show: 'status' }),
    events({ container: ['{a}'] }),
    get('/containers/json?all=1&filters={"name":["~a"]}'),
  ]),
);

const waits = [
  row('waiting for conditions', [
    create('a', shell('sleep 0.5; exit 3')),
    post('/containers/~a/wait?condition=not-running'),
    begin('next', post('/containers/~a/wait?condition=next-exit')),
    begin('gone', post('/containers/~a/wait?condition=removed')),
    start('a'),
    begin('plain', post('/containers/~a/wait')),
    end('next'),
    end('plain'),
    post('/containers/~a/wait'),
    post('/containers/~a/wait?condition='),
    del('/containers/~a'),
    end('gone'),
  ]),
  row('waiting for one that removes itself', [
    create('a', shell('sleep 0.3; exit 5'), { AutoRemove: true }),
    begin('gone', post('/containers/~a/wait?condition=removed')),
    start('a'),
    end('gone'),
    get('/containers/~a/json'),
    events({ container: ['{a}'] }),
  ]),
  row('waiting before 1.30 had its answer in one piece', [
    ...ended('a', shell('exit 4')),
    post('/v1.29/containers/~a/wait'),
  ]),
];

const stops = [
  row('stopping by signal and by time', [
    ...running('a', { StopSignal: 'TERM', ...shell('trap "exit 7" TERM; while :; do sleep 0.05; done') }),
    sleep(200),
    post('/containers/~a/stop'),
    post('/containers/~a/wait'),
    events({ container: ['{a}'] }),
  ]),
  row('stopping one that does not listen', [
    ...running('a', { StopSignal: 'TERM', ...shell('trap "" TERM; while :; do sleep 0.05; done') }),
    sleep(200),
    post('/containers/~a/stop?t=1'),
    post('/containers/~a/wait'),
    events({ container: ['{a}'] }),
  ]),
  row('stopping with another signal', [
    ...running('a', shell('trap "exit 8" USR1; while :; do sleep 0.05; done')),
    sleep(200),
    post('/containers/~a/stop?signal=USR1'),
    post('/containers/~a/wait'),
    post('/containers/~a/stop?signal=BOGUS'),
  ]),
  row('a stop signal that is none', [...running('a'), post('/containers/~a/stop?signal=BOGUS')]),
  row('restarting', [
    ...running('a'),
    post('/containers/~a/restart'),
    get('/containers/~a/json', { show: 'status' }),
    post('/containers/~a/restart?signal=BOGUS'),
    post('/containers/~a/stop'),
    post('/containers/~a/restart'),
    events({ container: ['{a}'] }),
  ]),
  row('stopping a paused one', [
    ...running('a'),
    quiet(post('/containers/~a/pause')),
    post('/containers/~a/stop?t=1'),
    events({ container: ['{a}'] }),
  ]),
  row('killing a paused one', [
    ...running('a'),
    quiet(post('/containers/~a/pause')),
    post('/containers/~a/kill'),
    until('/containers/~a/json', 'State.Status', 'exited'),
    events({ container: ['{a}'] }),
  ]),
  row('restart policy: on failure, twice', [
    create('a', shell('exit 3'), { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } }),
    start('a'),
    until('/containers/~a/json', 'RestartCount', 2),
    until('/containers/~a/json', 'State.Status', 'exited'),
    events({ container: ['{a}'] }),
  ]),
  row('restart policy: a stop ends it', [
    ...running('a', {}, { RestartPolicy: { Name: 'always' } }),
    quiet(post('/containers/~a/stop?t=0')),
    sleep(400),
    get('/containers/json?all=1&filters={"name":["~a"]}'),
  ]),
];

const joined = row('starting in the network of one that is not there, and of one that does not run', [
  create('a', {}, { NetworkMode: 'container:~nope' }),
  post('/containers/~a/start'),
  create('b'),
  create('c', {}, { NetworkMode: 'container:~b' }),
  post('/containers/~c/start'),
  create('d', {}, { PidMode: 'container:~b' }),
  post('/containers/~d/start'),
  create('e', {}, { IpcMode: 'container:~b' }),
  post('/containers/~e/start'),
]);

const updates = [
  row('updating limits', [
    ...running('a', {}, { Memory: 64 << 20 }),
    post('/containers/~a/update', { Memory: 32 << 20, MemorySwap: 64 << 20 }),
    post('/containers/~a/update', { CpuShares: 600, CpuPeriod: 100000, CpuQuota: 50000 }),
    post('/containers/~a/update', { NanoCpus: 500000000 }),
    post('/containers/~a/update', { RestartPolicy: { Name: 'always' } }),
    post('/containers/~a/update', { RestartPolicy: { Name: 'bogus' } }),
    post('/containers/~a/update', { RestartPolicy: { Name: 'no', MaximumRetryCount: 3 } }),
    post('/containers/~a/update', { Memory: 100 }),
    post('/containers/~a/update', { Memory: 128 << 20 }),
    post('/containers/~a/update', { CpusetCpus: '0-99999' }),
    post('/containers/~a/update', { CpusetCpus: 'x' }),
    post('/containers/~a/update', { BlkioWeight: 5 }),
    post('/containers/~a/update', { PidsLimit: 100 }),
    post('/containers/~a/update', {}),
    post('/containers/~a/update', { RestartPolicy: { Name: 'no' } }),
    get('/containers/~a/json', { show: 'status' }),
  ]),
  row('updating one that removes itself', [
    ...running('a', {}, { AutoRemove: true }),
    post('/containers/~a/update', { RestartPolicy: { Name: 'always' } }),
  ]),
];

const mistakes: readonly Row[] = [
  row('mistakes that are told before who is not there', [
    post('/containers/~nobody/exec', {}),
    post('/containers/~nobody/rename'),
    post('/containers/~nobody/start', { Memory: 1 }),
    get('/containers/~nobody/logs'),
    get('/containers/~nobody/logs?stdout=1&since=x'),
    get('/containers/~nobody/stats?stream=1&one-shot=1'),
    del('/containers/'),
    get('/networks/bridge?verbose=x'),
    get('/containers/json?all=1&filters=null', { show: 'status' }),
    get('/containers/json?filters={"label":{"x":1}}'),
    post('/containers/create', containerBody({}, { PortBindings: { x: [] } })),
  ]),
  row('signals and times that are none', [
    ...running('a'),
    get('/containers/~a/logs?stdout=1&since=-5'),
    post('/containers/~a/start?checkpoint=x'),
    post('/containers/~a/kill?signal=999'),
    post('/containers/~a/stop?t=x'),
    post('/containers/~a/stop?signal=0'),
    post('/containers/~a/restart?signal=BOGUS'),
    post('/containers/~a/stop?signal=999'),
    post('/containers/~a/kill?signal=999'),
  ]),
];

const linkNames: readonly Row[] = [
  row('linked containers by the names of their links', [
    ...running('a', {}, { NetworkMode: 'bridge' }),
    ...running('b', {}, { NetworkMode: 'bridge', Links: ['~a:db'] }),
    get('/containers/json?filters={"name":["~a"]}', { show: 'shape' }),
    quiet(get('/containers/~b/db/json')),
    quiet(post('/containers/~b/rename?name=~c')),
    quiet(get('/containers/~b/db/json')),
    quiet(get('/containers/~c/db/json')),
    quiet(post('/containers/~a/rename?name=~d')),
    quiet(get('/containers/~c/db/json')),
    quiet(post('/containers/~c/restart?t=0')),
    del('/containers/~c?link=1'),
    del('/containers/~c/nobody?link=1'),
    quiet(del('/containers/~c/db?link=1')),
    get('/containers/~c/db/json'),
  ]),
];

const joinedEnded = row('joining the processes of who does not run', [
  create('a'),
  create('b', {}, { PidMode: 'container:~a' }),
  post('/containers/~b/start'),
  create('c', {}, { IpcMode: 'container:~a' }),
  post('/containers/~c/start'),
]);

export const LIFECYCLE: readonly Row[] = [
  ...linkNames,
  joinedEnded,
  ...nobody,
  attached,
  idle,
  live,
  ...ends,
  ...waits,
  ...stops,
  joined,
  ...updates,
  ...links,
  ...late,
  ...mistakes,
];
