/**
 * What the API says of containers, row by row: statuses and words. Every row was first run against dockerd 28.5: with the
 * path of its socket in REFERENCE_SOCKET (and an image it has in REFERENCE_IMAGE) the file runs there. Where dockerd
 * answers 500 to a client's mistake and the engine 400, the row takes both.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, callSocket } from '../support/call-socket.ts';
import { IMAGE, pullImage } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const reference = process.env['REFERENCE_SOCKET'];
let engine: TestEngine | undefined;
const socket = (): string => reference ?? engine?.socket ?? '';
const call = (method: string, path: string, body?: object): Promise<Answer> =>
  callSocket(socket(), method, `/v1.51${path}`, body);

before(async () => {
  if (reference === undefined) engine = await startTestEngine();
  await pullImage({ socket: socket() });
});
after(async () => {
  for (const name of reference === undefined ? [] : ['row', 'row2'])
    await call('DELETE', `/containers/${name}?force=1&v=1`);
  await engine?.[Symbol.asyncDispose]();
});

type Row = readonly [
  method: string,
  path: string,
  status: number,
  message?: string | RegExp | undefined,
  body?: object,
];

const shown = (text: string): string => text.replaceAll(/\b[0-9a-f]{64}\b/g, 'ID');

function messageOf(answer: Answer): string {
  try {
    return shown(answer.json<{ message: string }>().message ?? '');
  } catch {
    return shown(answer.text.trim()); // dockerd's attach answers in plain text
  }
}

async function check([method, path, status, message, body]: Row): Promise<void> {
  const answer = await call(method, path, body);
  const title = `${method} ${path} ${JSON.stringify(body ?? '')}`;
  const statuses = status === 400 && reference !== undefined ? [400, 500] : [status];
  assert.ok(statuses.includes(answer.status), `${title}: ${answer.status} ${answer.text}`);
  if (typeof message === 'string') assert.equal(messageOf(answer), message, title);
  else if (message !== undefined) assert.match(messageOf(answer), message, title);
}

const rows = (title: string, list: readonly Row[]): void =>
  void test(title, async () => {
    for (const row of list) await check(row);
  });

const NONE = { NetworkMode: 'none' };
const refused = (message: string | RegExp, host: object, config: object = {}, status = 400): Row => [
  'POST',
  '/containers/create',
  status,
  message,
  { Image: IMAGE, ...config, HostConfig: { ...NONE, ...host } },
];
/** What Docker calls the server's mistake. */
const failed = (message: string | RegExp, host: object): Row => refused(message, host, {}, 500);
const made = (name: string, config: object = {}, host: object = {}): Row => [
  'POST',
  `/containers/create?name=${name}`,
  201,
  undefined,
  { Image: IMAGE, Cmd: ['sleep', '1000'], ...config, HostConfig: { ...NONE, ...host } },
];

describe('containers', () => {
  rows('nobody by that name', [
    ['GET', '/containers/nope/json', 404, 'No such container: nope'],
    ['POST', '/containers/nope/start', 404, 'No such container: nope'],
    ['POST', '/containers/nope/stop', 404, 'No such container: nope'],
    ['POST', '/containers/nope/kill', 404, 'cannot kill container: nope: No such container: nope'],
    ['POST', '/containers/nope/wait', 404, 'No such container: nope'],
    ['POST', '/containers/nope/attach?stream=1', 404, 'No such container: nope'],
    ['POST', '/containers/nope/exec', 404, 'No such container: nope', { Cmd: ['x'] }],
    ['GET', '/containers/nope/logs?stdout=1', 404, 'No such container: nope'],
    ['GET', '/containers/nope/archive?path=/', 404, 'No such container: nope'],
    ['PUT', '/containers/nope/archive?path=/', 404, 'No such container: nope'],
    ['GET', '/containers/nope/changes', 404, 'No such container: nope'],
    ['GET', '/containers/nope/export', 404, 'No such container: nope'],
    ['GET', '/containers/nope/top', 404, 'No such container: nope'],
    ['POST', '/containers/nope/rename?name=x1', 404, 'No such container: nope'],
    ['POST', '/containers/nope/update', 404, 'No such container: nope', {}],
    ['POST', '/commit?container=nope', 404, 'No such container: nope', {}],
    ['DELETE', '/containers/nope', 404, 'No such container: nope'],
    ['GET', '/exec/nope/json', 404, 'No such exec instance: nope'],
    ['POST', '/exec/nope/start', 404, 'No such exec instance: nope', {}],
  ]);

  rows('requests to create that cannot be met', [
    ['POST', '/containers/create', 400, 'config cannot be empty in order to create a container', {}],
    ['POST', '/containers/create', 400, 'no command specified', { Image: '' }],
    ['POST', '/containers/create', 404, 'No such image: nosuch/image:9', { Image: 'nosuch/image:9' }],
    [
      'POST',
      '/containers/create?name=bad%20name!',
      400,
      'Invalid container name (bad name!), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
      { Image: IMAGE },
    ],
    refused(
      /^invalid JSON: json: cannot unmarshal string into Go struct field .Env of type \[\]string$/,
      {},
      { Env: 'x' },
    ),
    refused("the working directory 'rel' is invalid, it needs to be an absolute path", {}, { WorkingDir: 'rel' }),
    refused('invalid environment variable: =x', {}, { Env: ['=x'] }),
    refused('invalid signal: BOGUS', {}, { StopSignal: 'BOGUS' }),
    refused(
      'Interval in Healthcheck cannot be less than 1ms',
      {},
      { Healthcheck: { Test: ['CMD', 'x'], Interval: 5 } },
    ),
    refused('Minimum memory limit allowed is 6MB', { Memory: 1000 }),
    refused(/^range of CPUs is from 0\.01 to \d+\.00, as there are only \d+ CPUs available$/, { NanoCpus: 1e12 }),
    refused('invalid PID mode: bogus', { PidMode: 'bogus' }),
    refused('No such container: nope', { PidMode: 'container:nope' }),
    refused('No such container: nope', { VolumesFrom: ['nope'] }),
    refused('could not get container for nope: No such container: nope', { NetworkMode: 'bridge', Links: ['nope:x'] }),
    refused('invalid CapAdd: unknown capability: "CAP_BOGUS"', { CapAdd: ['BOGUS'] }),
    failed('invalid --security-opt 1: "bogus"', { SecurityOpt: ['bogus'] }),
    refused('error looking up logging plugin bogus: plugin "bogus" not found', { LogConfig: { Type: 'bogus' } }),
    refused("unknown log opt 'bogus' for json-file log driver", {
      LogConfig: { Type: 'json-file', Config: { bogus: '3' } },
    }),
    refused('unknown or invalid runtime name: bogus', { Runtime: 'bogus' }),
    refused("invalid isolation (hyperv): linux only supports 'default'", { Isolation: 'hyperv' }),
    refused("can't create 'AutoRemove' container with restart policy", {
      RestartPolicy: { Name: 'always' },
      AutoRemove: true,
    }),
    failed('invalid mode: bogus', { Binds: ['/a:/b:bogus'] }),
    failed(/^invalid volume specification: 'a:b': .* mount path must be absolute$/, { Binds: ['a:b'] }),
    refused('Duplicate mount point: /x', { Binds: ['/tmp:/x', '/tmp:/x'] }),
    refused('invalid mount config for type "bind": bind source path does not exist: /nope/nope', {
      Mounts: [{ Type: 'bind', Source: '/nope/nope', Target: '/x' }],
    }),
    refused('invalid mount config for type "bogus": mount type unknown', {
      Mounts: [{ Type: 'bogus', Source: 'a', Target: '/x' }],
    }),
  ]);

  rows('a container that does not run', [
    made('row'),
    [
      'POST',
      '/containers/create?name=row',
      409,
      'Conflict. The container name "/row" is already in use by container "ID". You have to remove (or rename) that container to be able to reuse that name.',
      { Image: IMAGE },
    ],
    ['POST', '/containers/row/stop', 304],
    ['POST', '/containers/row/kill', 409, 'cannot kill container: row: container ID is not running'],
    ['POST', '/containers/row/kill?signal=BOGUS', 400, 'cannot kill container: row: invalid signal: BOGUS'],
    ['POST', '/containers/row/pause', 409, 'container ID is not running'],
    ['POST', '/containers/row/unpause', 500, 'Container ID is not paused'],
    ['POST', '/containers/row/exec', 409, 'container ID is not running', { Cmd: ['x'] }],
    ['GET', '/containers/row/top', 409, 'container ID is not running'],
    ['POST', '/containers/row/resize?h=1&w=1', 409, 'container ID is not running'],
    ['GET', '/containers/row/logs', 400, 'Bad parameters: you must choose at least one stream'],
    ['POST', '/containers/row/wait?condition=bogus', 400, 'invalid condition: "bogus"'],
    ['POST', '/containers/row/rename?name=', 400, 'Neither old nor new names may be empty'],
    ['POST', '/containers/row/rename?name=row', 400, 'Renaming a container with the same name as its current name'],
    [
      'POST',
      '/containers/row/rename?name=b@d',
      400,
      'Error when allocating new name: Invalid container name (/b@d), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    ],
  ]);

  rows('a container that runs, and one that is paused', [
    ['POST', '/containers/row/start', 204],
    ['POST', '/containers/row/start', 304],
    [
      'DELETE',
      '/containers/row',
      409,
      'cannot remove container "row": container is running: stop the container before removing or force remove',
    ],
    ['POST', '/containers/row/unpause', 500, 'Container ID is not paused'],
    ['POST', '/containers/row/exec', 400, 'No exec command specified', { Cmd: [] }],
    ['POST', '/containers/row/resize', 400, 'invalid resize height "": invalid syntax'],
    ['POST', '/containers/row/resize?h=10&w=10', 200],
    ['POST', '/containers/row/update', 400, 'Minimum memory limit allowed is 6MB', { Memory: 100 }],
    ['PUT', '/containers/row/archive?path=/etc/passwd', 400, 'extraction point is not a directory'],
    ['GET', '/containers/row/archive?path=/nope', 404, 'Could not find the file /nope in container row'],
    ['POST', '/containers/row/pause', 204],
    ['POST', '/containers/row/pause', 409, 'Container ID is already paused'],
    ['POST', '/containers/row/start', 409, 'cannot start a paused container, try unpause instead'],
    ['POST', '/containers/row/exec', 409, 'Container row is paused, unpause the container before exec', { Cmd: ['x'] }],
    ['POST', '/containers/row/attach?stream=1', 409, 'container row is paused, unpause the container before attach'],
    ['DELETE', '/containers/row', 409, 'cannot remove container "row": container is paused and must be unpaused first'],
    ['POST', '/containers/row/unpause', 204],
    ['POST', '/containers/row/kill', 204],
    ['POST', '/containers/row/kill', 409, 'cannot kill container: row: container ID is not running'],
    ['GET', '/containers/row/top', 409, 'container ID is not running'],
    ['DELETE', '/containers/row', 204],
  ]);

  const MISSING =
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "nosuchcmd": executable file not found in $PATH';
  test('what makes no sense is told before an image that is not there', async () => {
    const bad: [object, string][] = [
      [{ WorkingDir: 'x' }, "the working directory 'x' is invalid, it needs to be an absolute path"],
      [{ Env: ['=x'] }, 'invalid environment variable: =x'],
      [{ HostConfig: { Memory: 1 } }, 'Minimum memory limit allowed is 6MB'],
      [{ HostConfig: { Runtime: 'foo' } }, 'unknown or invalid runtime name: foo'],
      [
        { HostConfig: { Mounts: [{ Type: 'bind', Source: '/no/such', Target: '/x' }] } },
        'invalid mount config for type "bind": bind source path does not exist: /no/such',
      ],
    ];
    for (const [body, message] of bad) {
      const answer = await call('POST', '/containers/create', { Image: 'no-such-image', ...body });
      assert.deepEqual([answer.status, answer.json()], [400, { message }]);
    }
    for (const [query, body] of [
      ['name=%20x', {}],
      ['', { HostConfig: { PidMode: 'container:nope', Links: ['x:y'] } }],
    ] as const) {
      const answer = await call('POST', `/containers/create?${query}`, { Image: 'no-such-image', ...body });
      assert.deepEqual([answer.status, answer.json()], [404, { message: 'No such image: no-such-image:latest' }]);
    }
  });

  test('older clients get what they expect', async () => {
    const at = (version: string, method: string, path: string, body?: object): Promise<Answer> =>
      callSocket(socket(), method, `/v${version}${path}`, body);
    for (const [version, mode] of [
      ['1.39', 'shareable'],
      ['1.40', 'private'],
    ] as const) {
      await at(version, 'POST', '/containers/create?name=row', { Image: IMAGE, HostConfig: { Binds: ['rowvol:/v'] } });
      const { HostConfig } = (await call('GET', '/containers/row/json')).json<{ HostConfig: { IpcMode: string } }>();
      assert.equal(HostConfig.IpcMode, mode);
      await call('DELETE', '/containers/row');
    }
    assert.equal((await call('GET', '/volumes/rowvol')).json<{ Labels: unknown }>().Labels, null);
    await call('DELETE', '/volumes/rowvol');
    const made = await call('POST', '/containers/create?name=row', {
      Image: IMAGE,
      Cmd: ['sleep', '60'],
      HostConfig: { Runtime: 'io.containerd.runc.v2' },
    });
    assert.equal(made.status, 201, made.text);
    await call('POST', '/containers/row/start');
    const { Id } = made.json<{ Id: string }>();
    const told = async (version: string): Promise<boolean> => {
      const networks = (await at(version, 'GET', '/networks')).json<{ Name: string; Containers: object }[]>();
      return Id in (networks.find(({ Name }) => Name === 'bridge')?.Containers ?? {});
    };
    assert.deepEqual([await told('1.27'), await told('1.28')], [true, false]);
    await call('DELETE', '/containers/row?force=1');
  });

  test('devices that nobody has a driver for: made, shown, not started', async () => {
    const HostConfig = { DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] };
    const made = await call('POST', '/containers/create?name=row', { Image: IMAGE, HostConfig });
    assert.equal(made.status, 201, made.text);
    const { HostConfig: shown } = (await call('GET', '/containers/row/json')).json<{ HostConfig: object }>();
    const request = { Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: null };
    assert.deepEqual((shown as typeof HostConfig).DeviceRequests, [request]);
    const answer = await call('POST', '/containers/row/start');
    const message = 'could not select device driver "" with capabilities: [[gpu]]';
    assert.deepEqual([answer.status, answer.json()], [500, { message }]);
    await call('DELETE', '/containers/row');
  });

  test('who waits for a container that could not start is told why, unless it removes itself', async () => {
    for (const AutoRemove of [false, true]) {
      const body = { Image: IMAGE, Cmd: ['/nope'], HostConfig: { AutoRemove } };
      await call('POST', '/containers/create?name=row', body);
      const early = AutoRemove ? call('POST', '/containers/row/wait?condition=removed') : undefined;
      await new Promise((resolve) => setTimeout(resolve, 100)); // until it waits
      const { text } = await call('POST', '/containers/row/start');
      const { message } = JSON.parse(text) as { message: string };
      const told = AutoRemove ? {} : { Error: { Message: message } };
      const answer = await (early ?? call('POST', '/containers/row/wait'));
      assert.deepEqual(answer.json(), { ...told, StatusCode: 127 });
      await call('DELETE', '/containers/row');
    }
  });

  test('details of log lines: what the log options choose, behind the time', async () => {
    const Config = { labels: 'l', env: 'E', tag: 't/{{.Name}}' };
    const HostConfig = { LogConfig: { Type: 'json-file', Config } };
    const body = { Image: IMAGE, Cmd: ['echo', 'hi'], Tty: true, Env: ['E=1 2'], Labels: { l: 'x' }, HostConfig };
    await call('POST', '/containers/create?name=row', body);
    await call('POST', '/containers/row/start');
    await call('POST', '/containers/row/wait');
    const { text } = await call('GET', '/containers/row/logs?stdout=1&details=1');
    assert.equal(text, 'E=1+2,l=x,tag=t%2Frow hi\r\n');
    const stamped = await call('GET', '/containers/row/logs?stdout=1&details=1&timestamps=1');
    assert.match(stamped.text, /^\d{4}-\S+Z E=1\+2,l=x,tag=t%2Frow hi\r\n$/);
    await call('DELETE', '/containers/row');
    await call('POST', '/containers/create?name=row', { Image: IMAGE, Cmd: ['echo', 'hi'], Tty: true });
    await call('POST', '/containers/row/start');
    await call('POST', '/containers/row/wait');
    assert.equal((await call('GET', '/containers/row/logs?stdout=1&details=1')).text, ' hi\r\n');
    await call('DELETE', '/containers/row');
  });

  test('a command that does not exist leaves the container created, with exit code 127 and the reason', async () => {
    await check(made('row2', { Cmd: ['nosuchcmd'] }));
    const refusal = await call('POST', '/containers/row2/start');
    assert.equal(refusal.status, 400);
    assert.ok(messageOf(refusal).startsWith(MISSING), refusal.text);
    const { State } = (await call('GET', '/containers/row2/json')).json<{ State: Record<string, unknown> }>();
    assert.deepEqual([State['Status'], State['ExitCode']], ['created', 127]);
    assert.ok(String(State['Error']).startsWith(MISSING));
    await check(['DELETE', '/containers/row2', 204]);
  });

  rows('filters', [
    ['GET', '/containers/json?filters={"bogus":["x"]}', 400, "invalid filter 'bogus'"],
    [
      'GET',
      '/containers/json?filters={"status":["bogus"]}',
      400,
      /^invalid filter 'status=bogus': invalid value for state/,
    ],
    ['GET', '/containers/json?filters={"before":["nobody"]}', 404, 'No such container: nobody'],
    ['GET', '/containers/json?filters={"name":["("]}', 200],
    ['POST', '/containers/prune?filters={"bogus":["x"]}', 400, "invalid filter 'bogus'"],
    ['GET', '/events?since=5&until=3', 400, '`since` time (5) cannot be after `until` time (3)'],
  ]);
});
