/** *Open Dev Container* on an SSH host, cancelled as each of its steps begins: nothing is left of it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { findEditorSource } from '../../client/src/devcontainer/editor-source.ts';
import { type OpenDeps, openDevContainer } from '../../client/src/devcontainer/open-dev-container.ts';
import { openConnection } from '../../client/src/hosts/connection.ts';
import type { EngineConnection } from '../../client/src/hosts/engine-connection.ts';
import { localShell } from '../../client/src/hosts/local-shell.ts';
import { removeCopy } from '../../client/src/sync/host-copy.ts';
import { startSync, type SyncSession } from '../../client/src/sync/sync-session.ts';
import { cachePath } from '../../tools/setup/cache.ts';
import { ideAt, ideServer } from '../../tools/setup/ide.ts';
import { startTestEngine } from '../support/engine.ts';

const CONFIG = { image: 'node:20-slim', onCreateCommand: 'true', postCreateCommand: 'true', postStartCommand: 'true' };

async function depsIn(base: string, connection: EngineConnection, ends: AsyncDisposableStack): Promise<OpenDeps> {
  let running: SyncSession | undefined;
  const ignore = (): void => {};
  return {
    editor: await findEditorSource({
      appRoot: path.resolve(ideServer(ideAt()), '../..'),
      execPath: ideAt().node,
      configured: '',
    }),
    cacheFolder: cachePath('editor'),
    engineHome: path.join(base, 'host-home'),
    gallery: '{}',
    personalSettings: {},
    localEnv: () => undefined,
    async sync({ folder }, name, { signal }) {
      const options = { folder, name, owner: undefined, baseFile: path.join(base, 'base.json') };
      const told = { log: ignore, report: ignore, onPaused: ignore, onConflicts: ignore, onForeign: ignore };
      running = ends.use(await startSync(options, { connect: async () => connection, ...told }, signal));
      return running;
    },
    async dropSync(_request, name) {
      await running?.[Symbol.asyncDispose]();
      await removeCopy(connection, name);
    },
    allowInitialize: async () => true,
    onChanged: async () => 'rebuild',
  };
}

test('cancelled as any of its steps begins, it leaves neither container nor copy', async () => {
  await using made = new AsyncDisposableStack();
  const engine = made.use(await startTestEngine());
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-dc-'));
  made.defer(() => rmSync(base, { recursive: true, force: true }));
  const folder = path.join(base, 'app');
  const configFile = path.join(folder, '.devcontainer/devcontainer.json');
  mkdirSync(path.dirname(configFile), { recursive: true });
  writeFileSync(configFile, JSON.stringify(CONFIG));
  const identity = { id: 'ssh', label: 'test host', kind: 'ssh', socketPath: engine.socket } as const;
  const connection = made.use(await openConnection({ ...identity, shell: localShell() }));
  const copies = (): string[] => {
    const all = path.join(engine.dataRoot, 'workspaces');
    return existsSync(all) ? readdirSync(all).filter((name) => !name.startsWith('.')) : [];
  };
  const containers = (): Promise<ContainerSummary[]> =>
    connection.call('GET', '/containers/json', { query: { all: true } });
  const reached: string[] = [];
  for (;;) {
    const stop = new AbortController();
    let begun = 0;
    const begin = (title: string): void => {
      if (begun++ !== reached.length) return;
      reached.push(title);
      stop.abort();
    };
    const deps = await depsIn(base, connection, made);
    const steps = { signal: stop.signal, begin, report: () => {}, log: () => {} };
    const before = reached.length;
    const outcome = await openDevContainer({ connection, folder, configFile, rebuild: false }, deps, steps).then(
      () => 'open',
      ({ code, message }: EngineError) => (code === 'cancelled' ? code : message),
    );
    if (reached.length === before) {
      assert.equal(outcome, 'open', 'not cancelled any more');
      break;
    }
    assert.equal(outcome, 'cancelled', reached.at(-1));
    assert.deepEqual(await containers(), [], `cancelled at: ${reached.at(-1)}`);
    assert.deepEqual(copies(), [], `cancelled at: ${reached.at(-1)}`);
  }
  assert.ok(reached.length >= 5, reached.join(', '));
  assert.equal((await containers()).length, 1);
});
