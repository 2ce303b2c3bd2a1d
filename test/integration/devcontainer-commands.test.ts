/** The commands on dev containers, from the palette to the address of the editor, without VS Code around them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { devContainerCommands } from '../../client/src/devcontainer/commands.ts';
import type { FilePlace } from '../../client/src/devcontainer/config-file.ts';
import { devSessions, type DevSessions } from '../../client/src/devcontainer/dev-sessions.ts';
import type { DevDeps, EditorPort } from '../../client/src/devcontainer/editor-port.ts';
import { resumeDevContainers } from '../../client/src/devcontainer/resume.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import { type HostList, hostList } from '../../client/src/hosts/host-list.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { ideAt, ideServer } from '../../tools/setup/ide.ts';
import { portTunnels } from '../../client/src/tunnel/port-tunnels.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { recordingUi } from '../support/recording-ui.ts';
import { NO_FILES } from '../support/no-files.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
});
after(async () => await engine[Symbol.asyncDispose]());

describe('dev container commands', () => {
  let base: string;
  let folder: string;
  let hosts: HostList;
  let sessions: DevSessions;
  let deps: DevDeps;
  const ui = recordingUi();
  const places: FilePlace[] = [];

  const run = async (id: string): Promise<void> => {
    const command = devContainerCommands.find((one) => one.id === `slipway.${id}`);
    assert.ok(command, id);
    await command.handler(deps);
  };
  const configure = (config: object, name = 'devcontainer.json'): void => {
    const file = path.join(folder, '.devcontainer', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(config));
  };
  const containers = async (): Promise<ContainerSummary[]> =>
    (await engine.call('GET', '/containers/json?all=1')).json<ContainerSummary[]>();
  const said = (pattern: RegExp): string | undefined => ui.said.find((line) => pattern.test(line));
  const until = async (what: string, holds: () => unknown): Promise<void> => {
    for (const deadline = Date.now() + 10_000; !holds(); await sleep(20)) {
      if (Date.now() > deadline) throw new Error(`${what} did not happen:\n${ui.said.join('\n')}`);
    }
  };
  const refused = (code: string, words: RegExp) => (error: EngineError) =>
    error.code === code && words.test(error.message);

  beforeEach(async () => {
    base = mkdtempSync(path.join(tmpdir(), 'slipway-dc-'));
    folder = path.join(base, 'app');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'a.js'), 'one');
    hosts = hostList({
      saved: [{ kind: 'local' }],
      save: async () => {},
      log: () => {},
      onLost: () => {},
      connect: async () => {
        const identity = { id: 'local', label: 'This machine', kind: 'local', socketPath: engine.socket } as const;
        return await openConnection({ ...identity, shell: localShell() });
      },
    });
    await hosts.connect('local');
    sessions = devSessions();
    places.length = 0;
    ui.clear();
    const editor: EditorPort = {
      workspaceFolders: () => [folder],
      openAt: async (place) => void places.push(place),
      places: () => ({
        appRoot: path.resolve(ideServer(ideAt()), '../..'),
        execPath: ideAt().node,
        configured: '',
      }),
      personalSettings: () => ({}),
      storage: path.join(base, 'storage'),
      startDebugging: async () => undefined,
    };
    deps = {
      ui,
      hosts,
      sessions,
      editor,
      active: { connection: () => hosts.connections()[0], choose: async () => {}, onChange: () => () => {} },
      snapshot: () => undefined,
      refresh: async () => {},
      sshHosts: () => [],
      dockerHost: async () => undefined,
      ports: portTunnels(
        (id) => hosts.connection(id),
        () => undefined,
      ),
      files: NO_FILES,
      folders: () => [],
      findCompose: async () => undefined,
      turnRuleOff: () => assert.fail(),
      engineHome: path.join(base, 'home'),
    };
  });
  afterEach(async () => {
    await sessions[Symbol.asyncDispose]();
    await hosts[Symbol.asyncDispose]();
    for (const { Id } of await containers()) await engine.call('DELETE', `/containers/${Id}?force=1&v=1`);
    rmSync(base, { recursive: true, force: true });
  });

  test('open: the editor’s address is opened and answers, ports are forwarded, saves are measured; stop ends it all', async () => {
    using port = await freePort();
    using taken = await freePort();
    const app = `require('http').createServer((q, s) => s.end('hi')).listen(${port.number})`;
    configure({
      image: 'node:20-slim',
      forwardPorts: [port.number, taken.number, 'db:5432'],
      portsAttributes: { [port.number]: { label: 'API' } },
      postStartCommand: `nohup node -e "${app}" > /dev/null 2>&1 &`,
      postAttachCommand: 'echo attached',
    });
    port[Symbol.dispose]();
    await run('openDevContainer');
    const url = said(/^open http/)?.slice('open '.length) ?? '';
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{12}\/\?folder=%2Fworkspaces%2Fapp&tkn=[0-9a-f]{48}$/);
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 302);
    assert.match(said(/^info The/) ?? '', /The dev container of app is ready.* \[Open\] \[Copy Link\]/);
    assert.ok(
      said(new RegExp(`Port ${port.number} \\(API\\) of the container: http://127\\.0\\.0\\.1:${port.number}`)),
    );
    const moved = new RegExp(`^info Port ${taken.number} of the container is at http://127.0.0.1:\\d+ here: .* taken`);
    assert.ok(said(moved));
    assert.ok(said(/Port db:5432 is not forwarded/));
    assert.equal(await (await fetch(`http://127.0.0.1:${port.number}`)).text(), 'hi');
    await until('the attach hook', () => said(/attached/));
    writeFileSync(path.join(folder, 'a.js'), 'two');
    await until('the measuring', () => said(/a\.js: saved, visible in the container after \d+ ms/));
    await run('stopDevContainer');
    assert.deepEqual(
      (await containers()).map(({ State }) => State),
      ['exited'],
    );
    await assert.rejects(fetch(url));
    await run('openDevContainer');
    assert.equal((await containers()).length, 1);
  });

  test('waitFor: the editor opens while later hooks run; one that fails is said, and the container stays', async () => {
    configure({
      image: 'node:20-slim',
      waitFor: 'onCreateCommand',
      onCreateCommand: 'echo created',
      postCreateCommand: 'while ! test -e go; do sleep 0.05; done; echo now',
      postStartCommand: 'echo started; exit 3',
      postAttachCommand: 'touch attached',
    });
    await run('openDevContainer');
    assert.ok(said(/^open http/));
    assert.ok(said(/created/));
    assert.equal(said(/^now|started$/), undefined);
    writeFileSync(path.join(folder, 'go'), '');
    await until('the failure', () => said(/^warn postStartCommand failed with exit code 3: echo started; exit 3/));
    assert.ok(said(/Running postCreateCommand, while the editor is open/));
    assert.equal(existsSync(path.join(folder, 'attached')), false);
    await run('openDevContainer');
    assert.deepEqual(
      (await containers()).map(({ State }) => State),
      ['running'],
    );
    await until('the attach hook', () => existsSync(path.join(folder, 'attached')));
  });

  test('after a restart of the editor the measuring goes on', async () => {
    configure({ image: 'node:20-slim' });
    await run('openDevContainer');
    await sessions[Symbol.asyncDispose]();
    deps = { ...deps, sessions: devSessions() };
    const stop = resumeDevContainers(deps);
    await until('the resumption', () => deps.sessions.of('local', folder).container());
    await sleep(100);
    writeFileSync(path.join(folder, 'a.js'), 'two');
    await until('the measuring', () => said(/a\.js: saved, visible/));
    stop();
    await deps.sessions[Symbol.asyncDispose]();
  });

  test('errors say what to do: no folder, no configuration, a mistake in it, no host, no container to stop', async () => {
    await assert.rejects(run('stopDevContainer'), refused('not-found', /There is no dev container configuration in/));
    configure({ image: 1 });
    await run('openDevContainer');
    const buttons = String.raw`\[Try Again\] \[Edit devcontainer\.json\]$`;
    const told = (words: string): string | undefined => said(new RegExp(`^error ${words}.* ${buttons}`));
    assert.ok(told(String.raw`\.devcontainer/devcontainer\.json:1:10: image must be a string`));
    assert.deepEqual(places, [{ file: path.join(folder, '.devcontainer/devcontainer.json'), line: 1, column: 10 }]);
    assert.ok(said(/channel Slipway Dev Container: \nFailed: .*image must be a string/s));
    configure({ image: 'node:20-slim', postCreateCommand: 'exit 4' });
    await run('openDevContainer');
    assert.ok(told('postCreateCommand failed with exit code 4'));
    assert.ok(said(/^show Slipway Dev Container/));
    configure({ image: 'no/such-image:1' });
    await run('openDevContainer');
    assert.ok(told('There is no image “no/such-image:1”. Check its name and tag;'));
    assert.ok(said(/The engine said: .*no\/such-image/));
    assert.deepEqual(await containers(), []);
    await assert.rejects(run('stopDevContainer'), refused('not-found', /There is no dev container of/));
    await assert.rejects(run('copyContainerChanges'), refused('not-found', /No folder is being synced/));
    await hosts.disconnect('local');
    await assert.rejects(run('openDevContainer'), refused('unavailable', /No host is connected/));
    folder = path.join(base, 'other');
    deps = { ...deps, editor: { ...deps.editor, workspaceFolders: () => [] } };
    await assert.rejects(run('openDevContainer'), refused('not-found', /Open a folder first/));
  });

  test('a folder without a configuration gets one, and is opened with it', async () => {
    await run('openDevContainer'); // and the question is left
    assert.deepEqual(readdirSync(folder), ['a.js']);
    const pick: DevDeps['ui']['pick'] = async (_title, items) => items.at(-1)?.value;
    deps = { ...deps, ui: { ...ui, pick, ask: async () => 'no/such-image:2' } };
    await run('openDevContainer');
    const file = path.join(folder, '.devcontainer/devcontainer.json');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { name: 'app', image: 'no/such-image:2' });
    assert.deepEqual(places, [{ file, line: 1, column: 1 }]);
    assert.ok(said(/There is no image “no\/such-image:2”/));
  });

  test('initializeCommand is not run unasked', async () => {
    configure({ image: 'node:20-slim', initializeCommand: `touch ${path.join(base, 'ran')}` });
    await run('openDevContainer');
    assert.ok(said(/^channel .*Cancelled\.$/s));
    assert.equal(said(/^error/), undefined);
    assert.deepEqual(await containers(), []);
    assert.equal(existsSync(path.join(base, 'ran')), false);
  });
});

/** A port that nothing else takes until it is disposed. */
async function freePort(): Promise<Disposable & { readonly number: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return { number: port, [Symbol.dispose]: () => server.close() };
}
