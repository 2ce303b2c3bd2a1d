/** What a person does with containers and images in the editor, against a real engine: terminals, pulls, live trees. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { resourceCommands } from '../../client/src/commands/all.ts';
import type { CommandDeps } from '../../client/src/commands/deps.ts';
import { containerTree } from '../../client/src/explorer/containers.ts';
import { imageTree } from '../../client/src/explorer/images.ts';
import { type LiveSnapshot, liveSnapshot } from '../../client/src/explorer/live.ts';
import type { TreeNode } from '../../client/src/explorer/node.ts';
import type { HostView } from '../../client/src/explorer/snapshot.ts';
import { networkTree, volumeTree } from '../../client/src/explorer/storage.ts';
import { activeHost } from '../../client/src/hosts/active-host.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import type { EngineConnection } from '../../client/src/hosts/engine-connection.ts';
import { type HostList, hostList } from '../../client/src/hosts/host-list.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { pullImage } from '../../client/src/hosts/pull.ts';
import { dockerHost } from '../../client/src/terminal/docker-host.ts';
import { type PortTunnels, portTunnels } from '../../client/src/tunnel/port-tunnels.ts';
import { execProgram, SHELL_COMMAND } from '../../client/src/terminal/exec-program.ts';
import { logsProgram } from '../../client/src/terminal/logs-program.ts';
import type { TerminalProgram } from '../../client/src/views/ui.ts';
import { docker, tryDocker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { sshPerson } from '../support/ssh-person.ts';
import { startSshd } from '../support/sshd.ts';
import { NO_FILES } from '../support/no-files.ts';
import { type FakeUi, fakeUi } from '../../client/src/views/fake-ui.ts';

const IMAGE = 'busybox:latest';
let engine: TestEngine;
let hosts: HostList;
let connection: EngineConnection;
let ports: PortTunnels;
let live: LiveSnapshot;

before(async () => {
  engine = await startTestEngine();
  hosts = hostList({
    connect: () =>
      openConnection({
        id: 'local',
        label: 'This machine',
        kind: 'local',
        shell: localShell(),
        socketPath: engine.socket,
      }),
    saved: [{ kind: 'local' }],
    save: async () => undefined,
    log: () => undefined,
    onLost: () => undefined,
  });
  connection = await hosts.connect('local');
  ports = portTunnels(
    (id) => hosts.connection(id),
    () => undefined,
  );
  live = liveSnapshot(
    connection,
    () => undefined,
    (error) => assert.fail(String(error)),
  );
  await pullImage(connection, IMAGE, { report: () => undefined, signal: AbortSignal.timeout(60_000) });
});
after(async () => {
  await ports?.[Symbol.asyncDispose]();
  await live?.[Symbol.asyncDispose]();
  await hosts?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

const view = (): HostView[] => [
  {
    id: 'local',
    label: 'This machine',
    kind: 'local',
    active: true,
    state: { kind: 'connected', snapshot: live.current() },
  },
];
const trees = { container: () => containerTree(view(), Date.now()), image: () => imageTree(view(), Date.now()) };

async function row(find: () => readonly TreeNode[], test_: (node: TreeNode) => boolean): Promise<TreeNode> {
  for (let i = 0; i < 500; i++) {
    const found = find().find(test_);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail(
    `no such row in: ${find()
      .map((node) => `${node.label} ${node.context}`)
      .join('; ')}`,
  );
}

const container = (name: string, context: string): Promise<TreeNode> =>
  row(trees.container, (node) => node.label === name && node.context.startsWith(context));

function depsWith(ui: FakeUi): CommandDeps {
  return {
    ui,
    hosts,
    active: activeHost(hosts, { get: () => undefined, set: async () => undefined }),
    snapshot: () => live.current(),
    refresh: () => live.refresh(),
    sshHosts: () => [],
    dockerHost: async () => undefined,
    ports,
    files: NO_FILES,
    folders: () => [],
    findCompose: async () => undefined,
    turnRuleOff: () => assert.fail(),
    engineHome: '~/.slipway',
  };
}

async function command(id: string, ui: FakeUi, target?: TreeNode, selection?: readonly TreeNode[]): Promise<void> {
  const found = resourceCommands.find((each) => each.id === id);
  assert.ok(found, id);
  await found.handler(depsWith(ui), target, selection);
}

/** A screen that remembers, and waits for texts. */
function screen() {
  let text = '';
  return {
    size: { columns: 101, rows: 37 },
    write: (data: Uint8Array | string) => void (text += Buffer.from(data).toString()),
    text: () => text,
    async see(wanted: RegExp) {
      for (let i = 0; i < 1000 && !wanted.test(text); i++) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.match(text, wanted);
    },
  };
}

test('a pull tells how far it is; a missing image is one clear error; a cancelled one is cancelled', async () => {
  const said: (number | undefined)[] = [];
  await pullImage(connection, IMAGE, {
    report: (_m, percent) => said.push(percent),
    signal: AbortSignal.timeout(60_000),
  });
  assert.ok(said.length > 0);
  await assert.rejects(
    pullImage(connection, 'no-such-image:1', { report: () => undefined, signal: AbortSignal.timeout(60_000) }),
    /no-such-image/,
  );
  await assert.rejects(pullImage(connection, IMAGE, { report: () => undefined, signal: AbortSignal.abort() }), {
    code: 'cancelled',
  });
  await row(trees.image, (node) => node.label === IMAGE);
});

test('rows appear, change and go with what another client does; commands act on rows', async () => {
  await docker(engine, 'run', '-d', '--name', 'shop', IMAGE, 'sleep', '1000');
  const running = await container('shop', 'container running');
  assert.match(running.description ?? '', /^busybox:latest · up <1 min$/);
  await command('slipway.pauseContainer', fakeUi(), running);
  await command('slipway.unpauseContainer', fakeUi(), await container('shop', 'container paused'));
  await command('slipway.killContainer', fakeUi(), await container('shop', 'container running'));
  const dead = await container('shop', 'container exited');
  assert.match(dead.description ?? '', /exited \(137\)/);
  await command('slipway.startContainer', fakeUi(), dead);
  const again = await container('shop', 'container running');
  const refusing = fakeUi(false);
  await command('slipway.removeContainer', refusing, again);
  assert.deepEqual(refusing.shown, ['confirm: Remove shop?']);
  await container('shop', 'container running');
  await command('slipway.removeContainer', fakeUi(true), again);
  for (let i = 0; i < 300 && trees.container().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(trees.container(), []);
});

test('several selected rows are one act; a command from the palette asks which', async () => {
  for (const name of ['one', 'two']) await docker(engine, 'run', '-d', '--name', name, IMAGE, 'sleep', '1000');
  const rows = [await container('one', 'container running'), await container('two', 'container running')];
  await command('slipway.killContainer', fakeUi(), rows[0], rows);
  await container('one', 'container exited');
  await container('two', 'container exited');
  const asking = fakeUi('two');
  await command('slipway.startContainer', asking);
  assert.match(asking.shown[0] ?? '', /^pick: Start Container: (one, two|two, one)$/);
  await container('two', 'container running');
  await command('slipway.removeContainer', fakeUi(true), rows[0], rows);
  const none = fakeUi();
  for (let i = 0; i < 300 && trees.container().length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  await command('slipway.stopContainer', none);
  assert.deepEqual(none.shown, ['info: Stop Container: there is no running container on a connected host.']);
});

test('a shell in a container: typing, size, resizing, the exit code', async () => {
  await docker(engine, 'run', '-d', '--name', 'shell', IMAGE, 'sleep', '1000');
  const { id } = await container('shell', 'container running');
  const program = execProgram(connection, id, { command: SHELL_COMMAND });
  const terminal = screen();
  program.input?.('stty size; echo typed-$((40+2))\r');
  const ended = program.run(terminal, new AbortController().signal);
  await terminal.see(/typed-42/);
  await terminal.see(/37 101/);
  program.resize?.({ columns: 66, rows: 22 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  program.input?.('stty size\r');
  await terminal.see(/22 66/);
  program.input?.('exit 3\r');
  assert.equal(await ended, 0, 'a shell that is left is no failure');
  const failing = execProgram(connection, id, { command: ['sh', '-c', 'exit 4'] });
  assert.equal(await failing.run(screen(), new AbortController().signal), 4);
  await container('shell', 'container running');
  await docker(engine, 'rm', '-f', 'shell');
});

test('closing the terminal ends the program; a container without a shell says so', async () => {
  await docker(engine, 'run', '-d', '--name', 'closing', IMAGE, 'sleep', '1000');
  const { id } = await container('closing', 'container running');
  const stopping = new AbortController();
  const terminal = screen();
  const program = execProgram(connection, id, { command: ['sh', '-c', 'echo begun; sleep 1000'] });
  const ended = program.run(terminal, stopping.signal).catch(() => 'ended');
  await terminal.see(/begun/);
  stopping.abort();
  await ended;
  await docker(engine, 'exec', 'closing', 'rm', '-f', '/bin/sh');
  await assert.rejects(
    execProgram(connection, id, { command: SHELL_COMMAND }).run(screen(), new AbortController().signal),
    /no shell/,
  );
  await docker(engine, 'rm', '-f', 'closing');
});

test('logs: what was, what comes, both streams, until the container ends', async () => {
  await docker(
    engine,
    'run',
    '-d',
    '--name',
    'talker',
    IMAGE,
    'sh',
    '-c',
    'echo early; sleep 1; echo late >&2; sleep 1',
  );
  const { id } = await container('talker', 'container running');
  const terminal = screen();
  await logsProgram(connection, id).run(terminal, new AbortController().signal);
  assert.match(terminal.text(), /The log of .*\r\nearly\r\nlate\r\n\r\n.*End of the log/s);
  const tty = await docker(engine, 'run', '-d', '-t', '--name', 'tty', IMAGE, 'echo', 'plain');
  const raw = screen();
  await logsProgram(connection, tty.stdout.trim()).run(raw, new AbortController().signal);
  assert.match(raw.text(), /\r\nplain\r\n/);
  await docker(engine, 'rm', '-f', 'talker', 'tty');
});

test('a port of a container opens in the browser, published or not', async () => {
  const serve = 'mkdir w; echo it works >w/index.html; httpd -f -p 80 -h w';
  await docker(engine, 'run', '-d', '--name', 'site', '--expose', '80', IMAGE, 'sh', '-c', serve);
  const node = await container('site', 'container running');
  const opened = async (ui: FakeUi): Promise<string> => {
    await command('slipway.openInBrowser', ui, node);
    const url = ui.shown.at(-1)?.replace('open: ', '') ?? '';
    return await (await fetch(url)).text();
  };
  assert.equal(await opened(fakeUi()), 'it works\n');
  const again = fakeUi();
  assert.equal(await opened(again), 'it works\n', 'the same tunnel');
  assert.deepEqual(again.shown.length, 1, 'not asked when there is one port');
  await docker(engine, 'rm', '-f', 'site');
  await docker(engine, 'run', '-d', '--name', 'plain', IMAGE, 'sh', '-c', serve);
  const asked = fakeUi('80');
  await command('slipway.openInBrowser', asked, await container('plain', 'container running'));
  assert.match(asked.shown.join(), /^ask: Open plain in Browser,open: http:\/\/127\.0\.0\.1:\d+\/$/);
  await docker(engine, 'rm', '-f', 'plain');
});

test('images: run in the background and in a terminal, tag, inspect, remove', async () => {
  const image = await row(trees.image, (node) => node.label === IMAGE);
  const ui = fakeUi();
  await command('slipway.runImage', ui, image);
  assert.match(ui.shown[0] ?? '', /^terminal: Logs: \w+_\w+/);
  await command('slipway.runImageInteractive', ui, image);
  const program = ui.programs[1] as TerminalProgram;
  const terminal = screen();
  const ended = program.run(terminal, new AbortController().signal);
  await terminal.see(/# /);
  program.input?.('echo from-$((1+1)); exit 0\r');
  await terminal.see(/from-2/);
  assert.equal(await ended, 0);
  await command('slipway.tagImage', fakeUi('mine/box:7'), image);
  const tagged = await row(trees.image, (node) => node.label === 'mine/box:7');
  const looking = fakeUi();
  await command('slipway.inspectImage', looking, tagged);
  assert.deepEqual(looking.shown, ['text: mine_box:7.json']);
  assert.ok((JSON.parse(looking.texts[0]?.text ?? '{}') as { RepoTags?: string[] }).RepoTags?.includes('mine/box:7'));
  await command('slipway.removeImage', fakeUi(true), tagged);
  for (let i = 0; i < 300 && trees.image().some((node) => node.label === 'mine/box:7'); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(!trees.image().some((node) => node.label === 'mine/box:7'));
  await command('slipway.pruneContainers', fakeUi(true));
});

test('an image that cannot be started leaves no container behind', async () => {
  await docker(engine, 'create', '--name', 'source', IMAGE);
  await docker(engine, 'commit', '--change', 'CMD ["/nowhere"]', 'source', 'broken:1');
  await docker(engine, 'rm', 'source');
  const broken = await row(trees.image, (node) => node.label === 'broken:1');
  await assert.rejects(command('slipway.runImage', fakeUi(), broken), /nowhere/);
  assert.equal((await docker(engine, 'ps', '-aq')).stdout, '');
});

test('volumes and networks are made and removed', async () => {
  await command('slipway.createVolume', fakeUi('data'));
  const volume = await row(
    () => volumeTree(view()),
    (node) => node.label === 'data',
  );
  assert.equal(volume.context, 'volume unused');
  await command('slipway.removeVolume', fakeUi(true), volume);
  await command('slipway.createNetwork', fakeUi('backend'));
  const network = await row(
    () => networkTree(view()),
    (node) => node.label === 'backend',
  );
  await command('slipway.removeNetwork', fakeUi(true), network);
  for (let i = 0; i < 300 && networkTree(view()).some((node) => node.label === 'backend'); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual(volumeTree(view()), []);
  assert.ok(!networkTree(view()).some((node) => node.label === 'backend'));
});

test('over SSH: calls, a shell, and docker through a socket of this machine, with input and output', async () => {
  await using sshd = await startSshd();
  const session = await sshPerson(sshd).connect();
  const parts = { id: 'ssh:box', label: 'box', kind: 'ssh', shell: session, socketPath: engine.socket } as const;
  await using far = await openConnection({ ...parts, close: () => session.end() });
  await docker(engine, 'run', '-d', '--name', 'far', IMAGE, 'sleep', '1000');
  const program = execProgram(far, 'far', { command: ['sh'] });
  const terminal = screen();
  const ended = program.run(terminal, new AbortController().signal);
  program.input?.('echo far-$((2+3)); exit 6\r');
  assert.equal(await ended, 6);
  assert.match(terminal.text(), /far-5/);
  await using host = await dockerHost(far, '/nowhere');
  const loud = await docker({ url: host.url }, 'run', '--rm', IMAGE, 'sh', '-c', 'seq 1 20000 | tail -n 1');
  assert.equal(loud.stdout, '20000\n');
  const input = 'x'.repeat(300_000);
  const echoed = await tryDocker({ url: host.url }, ['run', '-i', '--rm', IMAGE, 'cat'], { input });
  assert.ok(echoed.stdout === input, `${echoed.stdout.length} bytes came back: ${echoed.stderr}`);
  assert.equal((await dockerHost(connection, engine.socket)).url, engine.url);
});
