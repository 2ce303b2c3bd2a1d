/** Local volumes with real directories and mounts. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createEventLog, type EngineEvent } from '../../runtime-agent/src/events/event-log.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';
import { createVolumes } from '../../runtime-agent/src/volumes/create-volumes.ts';
import type { Volumes } from '../../runtime-agent/src/volumes/volumes.ts';

interface World extends AsyncDisposable {
  readonly volumes: Volumes;
  readonly root: string;
  readonly events: readonly EngineEvent[];
  /** The volumes of the next engine on the same state. */
  restart(): Promise<Volumes>;
}

async function startVolumes(): Promise<World> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-v-'));
  const database = openDatabase(path.join(root, 'state.db'));
  const log = createEventLog();
  const events: EngineEvent[] = [];
  log.subscribe((event) => void events.push(event));
  const restart = (): Promise<Volumes> => createVolumes({ host: linuxHost, database, events: log, dataRoot: root });
  return {
    volumes: await restart(),
    root,
    events,
    restart,
    async [Symbol.asyncDispose]() {
      const left = (await mounts()).filter((line) => line.includes(root));
      for (const line of left.reverse()) await linuxHost.unmount(line.split(' ')[4] ?? '');
      database[Symbol.dispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

const mounts = async (): Promise<string[]> => (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');

test('a volume is a directory that anybody may enter; its name is its own', async () => {
  await using world = await startVolumes();
  const { volumes, root } = world;
  const made = await volumes.create({ Name: 'data', Labels: { a: 'b' } });
  assert.equal(made.Mountpoint, path.join(root, 'volumes/data/_data'));
  assert.equal((await stat(made.Mountpoint)).mode & 0o777, 0o755);
  assert.deepEqual(await volumes.create({ Name: 'data', Labels: { other: 'x' } }), made, 'the one that is there');
  assert.deepEqual(volumes.inspect('data'), made);
  const anonymous = await volumes.create({});
  assert.match(anonymous.Name, /^[0-9a-f]{64}$/);
  assert.deepEqual(anonymous.Labels, { 'com.docker.volume.anonymous': '' });
  assert.equal(volumes.list().length, 2);
  assert.throws(() => volumes.inspect('nonex'), /^EngineError: get nonex: no such volume$/);
});

test('in use: by containers, over restarts, and not removed', async () => {
  await using world = await startVolumes();
  await world.volumes.create({ Name: 'data' });
  const directory = await world.volumes.acquire('data', 'c1');
  assert.equal(await world.volumes.acquire('data', 'c1'), directory);
  await world.volumes.acquire('data', 'c2');
  await writeFile(path.join(directory, 'file'), 'kept');
  const volumes = await world.restart();
  assert.deepEqual(volumes.users('data'), ['c1', 'c2']);
  await assert.rejects(volumes.remove('data', true), /^EngineError: remove data: volume is in use - \[c1, c2\]$/);
  await volumes.release('data', 'c1');
  await volumes.release('data', 'c1');
  await volumes.release('data', 'c2');
  assert.equal(await readFile(path.join(directory, 'file'), 'utf8'), 'kept');
  await volumes.remove('data', false);
  await assert.rejects(stat(path.dirname(directory)), /ENOENT/);
  await assert.rejects(volumes.remove('data', false), /^EngineError: get data: no such volume$/);
  await volumes.remove('data', true);
  const actions = world.events.map(
    ({ Action: action, Actor: { ID: id, Attributes: a } }) => `${action} ${id} ${a['driver']}`,
  );
  assert.deepEqual(actions, ['create data local', 'destroy data local']);
});

test('a tmpfs is mounted while somebody has it', async () => {
  await using world = await startVolumes();
  const { volumes } = world;
  await volumes.create({ Name: 'memory', DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,mode=0700' } });
  const directory = await volumes.acquire('memory', 'c1');
  await volumes.acquire('memory', 'c2');
  const of = async (): Promise<string[]> => (await mounts()).filter((line) => line.includes(directory));
  assert.match((await of()).join(), / - tmpfs tmpfs .*size=1024k/);
  assert.equal((await of()).length, 1, 'once');
  await volumes.release('memory', 'c1');
  assert.equal((await of()).length, 1);
  await volumes.release('memory', 'c2');
  assert.deepEqual(await of(), []);
});

test('after a reboot what is in use is mounted again', async () => {
  await using world = await startVolumes();
  await world.volumes.create({ Name: 'memory', DriverOpts: { type: 'tmpfs', device: 'tmpfs' } });
  const directory = await world.volumes.acquire('memory', 'c1');
  await linuxHost.unmount(directory);
  const volumes = await world.restart();
  assert.equal((await mounts()).filter((line) => line.includes(directory)).length, 1);
  await volumes.release('memory', 'c1');
});

test('a bind of a host directory: removing the volume leaves the directory as it is', async () => {
  await using world = await startVolumes();
  const { volumes, root } = world;
  const own = path.join(root, 'own');
  await mkdir(own);
  await writeFile(path.join(own, 'file'), 'mine');
  await volumes.create({ Name: 'bound', DriverOpts: { type: 'none', o: 'bind', device: own } });
  const directory = await volumes.acquire('bound', 'c1');
  assert.equal(await readFile(path.join(directory, 'file'), 'utf8'), 'mine');
  await volumes.release('bound', 'c1');
  await assert.rejects(stat(path.join(directory, 'file')), /ENOENT/);
  await linuxHost.mount(['--bind', own, directory]);
  await volumes.remove('bound', false);
  assert.equal(await readFile(path.join(own, 'file'), 'utf8'), 'mine', 'also when it was still mounted');
});

test('what cannot be mounted: Docker’s words, and nobody has the volume', async () => {
  await using world = await startVolumes();
  const { volumes } = world;
  await volumes.create({ Name: 'gone', DriverOpts: { type: 'none', o: 'bind', device: '/nonexistent/dir' } });
  await assert.rejects(
    volumes.acquire('gone', 'c1'),
    /^EngineError: error while mounting volume '.*\/gone\/_data': failed to mount local volume: mount \/nonexistent\/dir:/,
  );
  assert.deepEqual(volumes.users('gone'), []);
});
