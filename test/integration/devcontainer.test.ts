/** Dev containers, opened by the client's own code on a real engine, with VS Code's real server inside. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerInspectResponse, ContainerSummary, ImageSummary } from '#model/engine-api/types.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import type { EngineConnection } from '../../client/src/hosts/engine-connection.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { placeOf } from '../../client/src/devcontainer/config-file.ts';
import { findEditorSource } from '../../client/src/devcontainer/editor-source.ts';
import { runHook } from '../../client/src/devcontainer/hooks.ts';
import {
  type OpenDeps,
  openDevContainer,
  type OpenedContainer,
} from '../../client/src/devcontainer/open-dev-container.ts';
import type { Steps } from '../../client/src/devcontainer/steps.ts';
import { removeCopy } from '../../client/src/sync/host-copy.ts';
import { startSync, type SyncSession } from '../../client/src/sync/sync-session.ts';
import { containerPortDialer } from '../../client/src/tunnel/container-port.ts';
import { openTunnel } from '../../client/src/tunnel/local-tunnel.ts';
import { cachePath } from '../../tools/setup/cache.ts';
import { ideAt, ideServer } from '../../tools/setup/ide.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
/** Of what an editor keeps between its sessions: made once for all tests. */
let kept: string;
before(async () => {
  kept = mkdtempSync(path.join(tmpdir(), 'slipway-k-'));
  engine = await startTestEngine();
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(kept, { recursive: true, force: true });
});

describe('dev containers', () => {
  let base: string;
  let folder: string;
  let connection: EngineConnection;
  let log = '';
  const syncs: SyncSession[] = [];
  const answers = { initialize: true, changed: 'rebuild' as 'rebuild' | 'reopen' | undefined, asked: [] as string[] };

  const connect = async (kind: 'local' | 'ssh'): Promise<EngineConnection> =>
    await openConnection({ id: kind, label: 'test host', kind, shell: localShell(), socketPath: engine.socket });
  const steps = (signal = new AbortController().signal): Steps => ({
    signal,
    begin: (title) => (log += `== ${title}\n`),
    report: () => {},
    log: (text) => (log += text),
  });
  const deps = async (): Promise<OpenDeps> => ({
    editor: await findEditorSource({
      appRoot: path.resolve(ideServer(ideAt()), '../..'),
      execPath: ideAt().node,
      configured: '',
    }),
    cacheFolder: cachePath('editor'), // made once per machine
    engineHome: path.join(kept, 'host-home'),
    gallery: '{}',
    personalSettings: { 'editor.tabSize': 3 },
    localEnv: (name) => ({ TEST_VALUE: 'from here' })[name],
    sync: async ({ folder: local }, name, { signal, log: write }) => {
      const session = await startSync(
        { folder: local, name, owner: undefined, baseFile: path.join(base, 'base.json') },
        {
          connect: async () => connection,
          log: (line) => write(`${line}\n`),
          report: () => {},
          onPaused: () => {},
          onConflicts: () => {},
          onForeign: () => {},
        },
        signal,
      );
      syncs.push(session);
      return session;
    },
    dropSync: async (_request, name) => {
      await syncs.pop()?.[Symbol.asyncDispose]();
      await removeCopy(connection, name);
    },
    allowInitialize: async (commands) => {
      answers.asked.push(JSON.stringify(commands));
      return answers.initialize;
    },
    onChanged: async () => {
      answers.asked.push('changed');
      return answers.changed;
    },
  });
  const configure = (config: object | string): string => {
    const file = path.join(folder, '.devcontainer/devcontainer.json');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, undefined, 2));
    return file;
  };
  const open = async (
    options: { rebuild?: boolean; signal?: AbortSignal; nodeMajor?: number } = {},
  ): Promise<OpenedContainer> => {
    const configFile = path.join(folder, '.devcontainer/devcontainer.json');
    const request = { connection, folder, configFile, rebuild: options.rebuild ?? false };
    const { editor, ...others } = await deps();
    const withNode = { ...others, editor: { ...editor, nodeMajor: options.nodeMajor } };
    return await openDevContainer(request, withNode, steps(options.signal));
  };
  const containers = async (): Promise<ContainerSummary[]> =>
    await connection.call('GET', '/containers/json', { query: { all: true } });
  const inside = async (id: string, ...argv: readonly string[]): Promise<string> =>
    (await docker(engine, 'exec', id, ...argv)).stdout.trim();

  beforeEach(async () => {
    base = mkdtempSync(path.join(tmpdir(), 'slipway-d-'));
    folder = path.join(base, 'My App');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'server.js'), 'console.log(1)');
    connection = await connect('local');
    log = '';
    answers.initialize = true;
    answers.changed = 'rebuild';
    answers.asked.length = 0;
  });
  afterEach(async () => {
    for (const sync of syncs.splice(0)) await sync[Symbol.asyncDispose]();
    for (const { Id } of await containers())
      await connection.call('DELETE', `/containers/${Id}`, { query: { force: true, v: true } });
    await connection[Symbol.asyncDispose]();
    rmSync(base, { recursive: true, force: true });
  });

  test('an image: created with hooks and an editor that answers, then reopened in no time', async () => {
    configure({
      image: 'node:20-slim',
      containerEnv: { FROM_LOCAL: '${localEnv:TEST_VALUE}' },
      remoteEnv: { EXTRA: '${containerEnv:FROM_LOCAL}!' },
      remoteUser: 'node',
      initializeCommand: 'echo initialized > initialized.txt',
      onCreateCommand: ['sh', '-c', 'echo "create in $PWD as $(id -un) with $EXTRA"'],
      postCreateCommand: { a: 'echo side a', b: ['echo', 'side b'] },
      postStartCommand: 'echo started',
      customizations: { vscode: { settings: { 'editor.tabSize': 3 }, extensions: ['a.b'] } },
    });
    const first = await open();
    assert.equal(first.made, 'created');
    assert.equal(first.folder, '/workspaces/My App');
    assert.equal(existsSync(path.join(folder, 'initialized.txt')), true);
    for (const line of [
      'create in /workspaces/My App as node with from here!',
      '[a] side a',
      '[b] side b',
      'started',
      'No extension gallery here: not installed: a.b',
    ]) {
      assert.ok(log.includes(line), `${line} is not in the log:\n${log}`);
    }
    assert.equal(await inside(first.id, 'cat', '/workspaces/My App/server.js'), 'console.log(1)');
    assert.match(
      await inside(first.id, 'cat', '/home/node/.slipway/editor/data/Machine/settings.json'),
      /"editor.tabSize": 3/,
    );
    assert.match(
      await inside(first.id, 'cat', '/home/node/.slipway/editor/data/User/settings.json'),
      /"window.title":"[^"]*\$\{rootName\} \[Dev Container\]","workbench.startupEditor":"none","editor.tabSize":3/,
    );
    const dial = await containerPortDialer(() => connection, { container: first.id, port: first.server.port });
    await using tunnel = await openTunnel({ dial });
    const url = `http://127.0.0.1:${tunnel.port}/?folder=${encodeURIComponent(first.folder)}`;
    assert.equal((await fetch(url)).status, 403);
    const entry = await fetch(`${url}&tkn=${first.server.token}`, { redirect: 'manual' });
    assert.equal(entry.status, 302);
    const cookie = (entry.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const page = await fetch(url, { headers: { cookie } });
    assert.equal(page.status, 200);
    assert.match(await page.text(), /workbench/);
    assert.equal(answers.asked.length, 1);

    const started = performance.now();
    const again = await open();
    const took = performance.now() - started;
    assert.deepEqual([again.made, again.id, again.server.reused], ['reused', first.id, true]);
    assert.deepEqual(again.server.token, first.server.token);
    assert.ok(took < 5000, `reopening took ${Math.round(took)} ms`);
    await docker(engine, 'stop', '-t', '1', first.id);
    const restarted = await open();
    assert.deepEqual([restarted.made, restarted.id, restarted.server.reused], ['started', first.id, false]);
    assert.equal(answers.asked.length, 1);
  });

  test('a Dockerfile: the context without what .dockerignore names, arguments, target, and rebuilt when it changes', async () => {
    const file = configure({
      build: { dockerfile: '../Dockerfile', context: '..', args: { WHO: 'me' }, target: 'dev' },
    });
    writeFileSync(
      path.join(folder, 'Dockerfile'),
      'FROM node:20-slim AS dev\nARG WHO\nCOPY . /built\nRUN echo "made by $WHO" > /made\nFROM dev AS other\nRUN false\n',
    );
    writeFileSync(path.join(folder, 'secret.txt'), 'x');
    writeFileSync(path.join(folder, '.dockerignore'), 'secret.txt\n');
    const first = await open();
    assert.equal(await inside(first.id, 'cat', '/made'), 'made by me');
    assert.equal(await inside(first.id, 'ls', '/built'), 'Dockerfile\nserver.js');
    assert.match(log, /Step \d+\/\d+ : RUN echo/);
    writeFileSync(
      file,
      JSON.stringify({ build: { dockerfile: '../Dockerfile', context: '..', args: { WHO: 'you' }, target: 'dev' } }),
    );
    answers.changed = 'reopen';
    assert.equal((await open()).id, first.id);
    answers.changed = undefined;
    await assert.rejects(open(), (error: EngineError) => error.code === 'cancelled');
    answers.changed = 'rebuild';
    const second = await open();
    assert.notEqual(second.id, first.id);
    assert.equal(await inside(second.id, 'cat', '/made'), 'made by you');
    assert.deepEqual(
      (await containers()).map(({ Id }) => Id),
      [second.id],
    );
  });

  test('what runArgs, mounts and the rest ask for is what the container has', async () => {
    configure({
      image: 'node:20-slim',
      runArgs: ['--hostname=box', '-e', 'A=1', '--name', 'my-dev', '--memory=512m'],
      mounts: ['source=cache-${devcontainerId},target=/cache,type=volume'],
      capAdd: ['SYS_PTRACE'],
      init: true,
      workspaceFolder: '/src',
    });
    const { id, name, folder: inContainer } = await open();
    const inspected = await connection.call<ContainerInspectResponse>('GET', `/containers/${id}/json`);
    assert.deepEqual([name, inContainer, inspected.Config?.Hostname], ['my-dev', '/src', 'box']);
    assert.equal(inspected.HostConfig?.Memory, 536_870_912);
    assert.deepEqual(
      inspected.HostConfig?.CapAdd?.map((one) => one.replace('CAP_', '')),
      ['SYS_PTRACE'],
    );
    assert.match(
      inspected.Mounts?.find(({ Destination }) => Destination === '/cache')?.Name ?? '',
      /^cache-[0-9a-v]{52}$/,
    );
    assert.equal(inspected.Config?.Labels?.['devcontainer.local_folder'], folder);
    await docker(engine, 'rm', '-f', '-v', id);
  });

  const failures: readonly [string, object | string, RegExp][] = [
    [
      'broken JSON',
      '{ "image": "node:20-slim"\n  "x": 1 }',
      /devcontainer\.json:2:3: invalid JSON: a comma is expected/,
    ],
    [
      'a wrong type',
      { image: 'node:20-slim', forwardPorts: 'x' },
      /devcontainer\.json:3:19: forwardPorts must be an array/,
    ],
    [
      'an option of docker run that is not supported',
      { image: 'node:20-slim', runArgs: ['--gpus=all'] },
      /:4:5: runArgs: --gpus is not supported/,
    ],
    ['a Feature', { image: 'node:20-slim', features: { x: {} } }, /Features are not yet supported/],
    ['an image that is nowhere', { image: 'nowhere.invalid/none:1' }, /nowhere\.invalid/],
    [
      'a failing hook',
      { image: 'node:20-slim', postCreateCommand: 'echo doing; exit 7' },
      /postCreateCommand failed with exit code 7: echo doing; exit 7/,
    ],
    ['a user who is not there', { image: 'node:20-slim', remoteUser: 'nobody-here' }, /nobody-here/],
    [
      'a mount whose source is not there',
      { image: 'node:20-slim', mounts: ['type=bind,source=/nonexistent/x,target=/x'] },
      /\/nonexistent\/x/,
    ],
    ['a failing build', { build: { dockerfile: 'Missing' } }, /Cannot read the Dockerfile/],
    [
      'an initializeCommand that fails',
      { image: 'node:20-slim', initializeCommand: 'exit 3' },
      /initializeCommand failed with exit code 3/,
    ],
  ];
  for (const [name, config, message] of failures) {
    test(`${name} is one clear message, and nothing is left`, async () => {
      configure(config);
      const failed = await open().then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(failed instanceof EngineError, String(failed));
      assert.match(failed.message, message);
      if (/devcontainer\.json:\d/.test(failed.message)) assert.equal(typeof placeOf(failed)?.line, 'number');
      assert.deepEqual(await containers(), []);
    });
  }

  test('a taken port is said, and nothing is left', async () => {
    await using taken = await openTunnel({ dial: async () => await Promise.reject(new Error('never')) });
    configure({ image: 'node:20-slim', appPort: taken.port });
    const message = `Port ${taken.port} of test host is taken by another program there: stop that, or publish another port.`;
    await assert.rejects(open(), { code: 'conflict', message });
    assert.deepEqual(await containers(), []);
  });

  test('a build that fails shows its output and leaves neither container nor image', async () => {
    configure({ build: { dockerfile: 'Dockerfile' } });
    writeFileSync(
      path.join(folder, '.devcontainer/Dockerfile'),
      'FROM node:20-slim\nRUN echo about to fail && exit 9\n',
    );
    const images = async (): Promise<string[]> =>
      (await connection.call<ImageSummary[]>('GET', '/images/json'))
        .flatMap(({ RepoTags }) => RepoTags ?? [])
        .filter((tag) => tag.startsWith('slipway-dev'));
    const before = await images();
    await assert.rejects(open(), (error: EngineError) => /could not be built/.test(error.message));
    assert.match(log, /about to fail/);
    assert.deepEqual(await containers(), []);
    assert.deepEqual(await images(), before);
  });

  test('cancelling in the middle of a hook leaves nothing; a rebuild that fails leaves the old container', async () => {
    configure({ image: 'node:20-slim', postCreateCommand: 'echo sleeping; sleep 60' });
    const stop = new AbortController();
    const opening = open({ signal: stop.signal });
    for (let i = 0; i < 500 && !log.includes('\nsleeping'); i++) await sleep(20);
    stop.abort();
    await assert.rejects(opening, (error: EngineError) => error.code === 'cancelled');
    assert.deepEqual(await containers(), []);
    configure({ image: 'node:20-slim' });
    const good = await open();
    configure({ image: 'node:20-slim', postCreateCommand: 'false' });
    await assert.rejects(open(), /postCreateCommand failed/);
    assert.deepEqual(
      (await containers()).map(({ Id, State }) => [Id, State]),
      [[good.id, 'running']],
    );
  });

  test('what an interrupted run left is made anew', async () => {
    configure({ image: 'node:20-slim', postCreateCommand: 'echo done' });
    const { id, name } = await open();
    await connection.call('POST', `/containers/${id}/rename`, { query: { name: `${name}-unfinished` } });
    const again = await open();
    assert.notEqual(again.id, id);
    assert.deepEqual(
      (await containers()).map(({ Names }) => Names),
      [[`/${name}`]],
    );
  });

  test('on an SSH host: the folder is synced, the editor sent once, and the copy belongs to the user in the container', async () => {
    await connection[Symbol.asyncDispose]();
    connection = await connect('ssh');
    configure({
      image: 'node:20-slim',
      remoteUser: 'node',
      postCreateCommand: 'touch made-here',
      postStartCommand: 'cat server.js',
    });
    const hostHome = path.join(kept, 'host-home');
    mkdirSync(path.join(hostHome, 'node/bin'), { recursive: true });
    copyFileSync(ideAt().node, path.join(hostHome, 'node/bin/node'));
    const opened = await open({ nodeMajor: 24 });
    assert.match(log, /Sending the editor's server/);
    const [version = ''] = readdirSync(path.join(hostHome, 'editor'));
    assert.deepEqual(readdirSync(path.join(hostHome, 'editor', version)), ['ide'], 'the Node.js that is there will do');
    assert.match(await inside(opened.id, '/opt/slipway/node', '--version'), /^v24/);
    assert.match(log, /console\.log\(1\)/);
    assert.equal(await inside(opened.id, 'stat', '-c', '%U', `${opened.folder}/server.js`), 'node');
    assert.equal(existsSync(path.join(folder, 'made-here')), false);
    writeFileSync(path.join(folder, 'server.js'), 'console.log(2)');
    for (let i = 0; i < 100; i++) {
      if ((await inside(opened.id, 'cat', `${opened.folder}/server.js`)) === 'console.log(2)') break;
      await sleep(50);
    }
    assert.equal(await inside(opened.id, 'cat', `${opened.folder}/server.js`), 'console.log(2)');
    log = '';
    await runHook('postAttachCommand', ['pwd'], opened.place, steps());
    assert.match(log, /\/workspaces\/My App/);
  });

  test('on an SSH host, too, a failure leaves no container and no copy of the folder', async () => {
    await connection[Symbol.asyncDispose]();
    connection = await connect('ssh');
    configure({ image: 'node:20-slim', postCreateCommand: 'false' });
    const workspaces = (): string[] => readdirSync(path.join(engine.dataRoot, 'workspaces'));
    const before = workspaces();
    await assert.rejects(open({ nodeMajor: 24 }), /postCreateCommand failed/);
    assert.deepEqual(await containers(), []);
    assert.deepEqual(workspaces(), before);
  });
});
