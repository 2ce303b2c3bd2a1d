/** Requests that are wrong in one way: what Docker looks at first, and its words for it. */
import {
  containerBody,
  create,
  drain,
  get,
  open,
  post,
  quiet,
  type Row,
  row,
  running,
  single,
  until,
} from '../step.ts';

export const MISTAKES: readonly Row[] = [
  ...single('bodies with values of other types', [
    post('/containers/x/exec', '{"Cmd":"ls"}'),
    post('/containers/x/exec', '{"Cmd":5}'),
    post('/containers/x/exec', '{"Cmd":["a"],"Tty":"x"}'),
    post('/exec/x/start', '{"Detach":5}'),
    post('/containers/x/update', '{"Memory":"x"}'),
    post('/commit?container=x', '{"Cmd":5}'),
    post('/containers/create', '{"Image":"$IMAGE","Entrypoint":{"a":1}}'),
    post('/containers/create', '{"Image":"$IMAGE","HostConfig":{"CapAdd":5}}'),
  ]),
  ...single('looked at before the container', [
    post('/containers/x/kill?signal=bogus'),
    post('/containers/x/kill?signal=70'),
    post('/containers/x/update', { Memory: 5 }),
    post('/containers/x/update', { MemorySwap: 5 }),
    post('/containers/x/stop?t=99999999999999999999'),
    post('/commit?container=x&repo=UPPER', '{}'),
    post('/commit?container=x&repo=a@sha256:0000000000000000000000000000000000000000000000000000000000000000', '{}'),
    get('/containers/json?limit=99999999999999999999'),
  ]),
  ...single('times that are no seconds', [
    get('/events?since=2026-01-01&until=2025-01-01'),
    get('/events?since=1h&until=5'),
    get('/events?since=1.x&until=5'),
    get('/events?until=5.'),
  ]),
  row('times of a log that are no seconds', [
    create('a'),
    ...['since=1h', 'since=2020-01-01', 'until=1.x', 'since=-5', 'until=0'].map((time) =>
      get(`/containers/~a/logs?stdout=1&${time}`),
    ),
  ]),
  ...single(
    'ports to look for',
    ['1-x', 'x-1', '5-4', '80/bogus', '99999', '1-99999', '', '1:2'].flatMap((ports) =>
      ['publish', 'expose'].map((name) => get(`/containers/json?filters={"${name}":["${ports}"],"name":["nobody"]}`)),
    ),
  ),
  row('words that are null', [
    post('/containers/create?name=~a', { ...containerBody(), Env: ['a=b', null] }),
    get('/containers/~a/json'),
  ]),
  row('an exec that is started again', [
    ...running('a'),
    post('/containers/~a/exec', { Cmd: ['true'] }, { show: 'status', as: 'e' }),
    post('/exec/{e}/start', { Detach: true }),
    until('/exec/{e}/json', 'Running', false),
    post('/exec/{e}/start', { Detach: true }),
    open('s', post('/exec/{e}/start', {})),
    drain('s'),
    quiet(post('/containers/~a/kill')),
    post('/exec/{e}/start', {}),
  ]),
  row(
    'more memory than there is swap',
    [
      ...running('a'),
      post('/containers/~a/update', { Memory: 5 }),
      post('/containers/~a/update', { MemorySwap: 50_000_000 }),
      post('/containers/~a/update', { Memory: 50_000_000 }),
      ...running('b', {}, { Memory: 50_000_000 }),
      post('/containers/~b/update', { Memory: 80_000_000 }),
      post('/containers/~b/update', { Memory: 180_000_000 }),
    ],
    { '3.': 'what the kernel would refuse is told before' },
  ),
  row('changes that are none', [
    create('a'),
    ...['run x', 'BOGUS', 'From x'].map((change) =>
      post(`/commit?container=~a&changes=${encodeURIComponent(change)}`, {}),
    ),
  ]),
  row('whose an exec is', [
    ...running('a', { User: '5:6' }),
    ...['', '0:7'].flatMap((User, i) => [
      post('/containers/~a/exec', { Cmd: ['id'], User }, { show: 'status', as: `e${i}` }),
      get(`/exec/{e${i}}/json`),
    ]),
  ]),
  row('one that could not start', [
    create('a', { Cmd: ['/nope'] }),
    post('/containers/~a/start'),
    get('/containers/~a/json'),
  ]),
];
