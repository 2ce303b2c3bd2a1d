/** `--userns-remap`, compared with dockerd 28.5: an engine on a machine (a mount namespace) where a user has subordinate ids. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { ask, create, exec, IMAGE, inspect, logsOf, pullImage, remove, run, start } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const MAIN = path.resolve(import.meta.dirname, '../../runtime-agent/src/main.ts');
const FIRST = 231_072;
const MAP = `0 ${FIRST} 65536`;

/** A process that holds a mount namespace in which /etc says that `slipwaymap` has subordinate ids. */
async function machine(folder: string): Promise<ChildProcess> {
  const own = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return `mount --bind ${folder}/${name} /etc/${name}`;
  };
  const more = (name: string, line: string): string => own(name, `${readFileSync(`/etc/${name}`, 'utf8')}${line}\n`);
  const mounts = [
    more('passwd', 'slipwaymap:x:9911:9911::/nonexistent:/bin/false'),
    more('group', 'slipwaymap:x:9911:'),
    // Debian's minimal image has neither of these files.
    `touch /etc/subuid /etc/subgid`,
    own('subuid', `slipwaymap:${FIRST}:65536\n`),
    own('subgid', `slipwaymap:${FIRST}:65536\n`),
  ];
  return await hold(mounts);
}

/** A process that keeps a mount namespace, after these commands in it. */
async function hold(commands: readonly string[]): Promise<ChildProcess> {
  const script = [...commands, 'echo ready', 'exec sleep 600'].join(' && ');
  const child = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** The engine as a program of that machine. */
function programIn({ pid }: ChildProcess, folder: string): string {
  const program = path.join(folder, 'slipway');
  const command = `nsenter --mount=/proc/${pid}/ns/mnt ${process.execPath} ${MAIN}`;
  writeFileSync(program, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

test('`default` makes the user dockremap with subordinate ids once, and containers have them', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-userns-'));
  for (const name of ['etc', 'work']) mkdirSync(path.join(folder, name));
  const etc = `mount -t overlay -o lowerdir=/etc,upperdir=${folder}/etc,workdir=${folder}/work overlay /etc`;
  const strip = "sed -i '/^dockremap:/d' /etc/passwd /etc/group";
  const holder = await hold([etc, strip, ': >/etc/subuid', ': >/etc/subgid']);
  try {
    await using engine = await startTestEngine({
      program: programIn(holder, folder),
      args: ['--userns-remap=default'],
    });
    const line = (name: string): string =>
      readFileSync(`${folder}/etc/${name}`, 'utf8')
        .match(/^dockremap:.*$/gm)
        ?.join() ?? '';
    const made = ['passwd', 'group', 'subuid', 'subgid'].map(line);
    assert.match(made[0] ?? '', /^dockremap:x:\d+:\d+:.*:\/bin\/false$/);
    assert.deepEqual(made.slice(2), ['dockremap:100000:65536', 'dockremap:100000:65536']);
    await engine.stop();
    await engine.start();
    assert.deepEqual(['passwd', 'group', 'subuid', 'subgid'].map(line), made);
    await pullImage(engine);
    const { stdout } = await run(engine, ['sh', '-c', 'id -u; cat /proc/self/uid_map']);
    assert.match(stdout, /^0\n\s+0\s+100000\s+65536\n$/);
  } finally {
    holder.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('remapped users', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-userns-'));
  let holder: ChildProcess;
  let engine: TestEngine;
  before(async () => {
    holder = await machine(folder);
    engine = await startTestEngine({ program: programIn(holder, folder), args: ['--userns-remap', 'slipwaymap'] });
    await pullImage(engine);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    holder.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Of a host path, as the engine sees it. */
  const ownerOf = (file: string): number => {
    const { uid, gid } = statSync(`/proc/${holder.pid}/root${file}`);
    assert.equal(uid, gid);
    return uid;
  };

  test('the engine tells, and keeps its data apart', async () => {
    const info = (await ask(engine, 'GET', '/info')).json<{ SecurityOptions: string[]; DockerRootDir: string }>();
    assert.ok(info.SecurityOptions.includes('name=userns'));
    assert.equal(info.DockerRootDir, path.join(engine.dataRoot, `${FIRST}.${FIRST}`));
  });

  test('root of a container is nobody on the host, and root inside', async () => {
    const id = await start(engine, {
      host: { NetworkMode: 'bridge', Binds: [`${folder}/new/dir:/bound`, 'vol:/vol'] },
    });
    const look = 'cat /proc/self/uid_map; id -u; stat -c %u:%g / /etc/hosts /bin/busybox /bound /vol /dev/shm';
    const { stdout } = await exec(engine, id, ['sh', '-c', look]);
    assert.deepEqual(
      stdout
        .trim()
        .split(/\n/)
        .map((line) => line.trim().replaceAll(/ +/g, ' ')),
      [MAP, '0', ...Array.from({ length: 6 }, () => '0:0')],
    );
    const { State, Mounts = [] } = await inspect(engine, id);
    assert.equal(statSync(`/proc/${State?.Pid}`).uid, FIRST);
    for (const { Source = '' } of Mounts) assert.equal(ownerOf(Source), FIRST);
    assert.equal(ownerOf(`${folder}/new`), FIRST);
    await remove(engine, id);
  });

  test('it has its network: low ports, ping, what joins it', async () => {
    const serve = 'mkdir /www; echo hi >/www/index.html; exec httpd -f -p 80 -h /www';
    const host = { NetworkMode: 'bridge', IpcMode: 'shareable', CapAdd: ['NET_ADMIN'] };
    const id = await start(engine, { command: ['sh', '-c', serve], host });
    const ping = 'ping -c1 -W2 127.0.0.1 | grep -o "1 packets received"';
    const { stdout } = await exec(engine, id, ['sh', '-c', `${ping}; ip addr add 10.99.0.1/32 dev lo; echo $?`]);
    assert.equal(stdout, '1 packets received\n0\n');
    const fetch = 'for i in 1 2 3 4 5 6 7 8 9; do wget -qO- 127.0.0.1 && exit; sleep 0.2; done; exit 1';
    const network = await run(engine, ['sh', '-c', fetch], { NetworkMode: `container:${id}` });
    assert.equal(network.stdout, 'hi\n', network.stderr);
    const pids = await run(engine, ['sh', '-c', 'grep -c httpd /proc/1/cmdline; kill -0 1; echo $?'], {
      PidMode: `container:${id}`,
      IpcMode: `container:${id}`,
    });
    assert.equal(pids.stdout, '1\n0\n', pids.stderr);
    await remove(engine, id);
  });

  test('output can be opened anew, by root and by others', async () => {
    for (const user of ['0', '1000']) {
      const again = ['sh', '-c', 'echo out >/dev/stdout; echo err >/dev/stderr'];
      const ran = await run(engine, again, {}, { User: user });
      assert.deepEqual(ran, { code: 0, stdout: 'out\n', stderr: 'err\n' });
    }
  });

  test('what would share the host’s namespaces is refused in dockerd’s words, unless asked for', async () => {
    const refusals: [object, string][] = [
      [
        { Privileged: true },
        'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
      ],
      [{ NetworkMode: 'host' }, "cannot share the host's network namespace when user namespaces are enabled"],
      [{ PidMode: 'host' }, 'cannot share the host PID namespace when user namespaces are enabled'],
    ];
    for (const [host, message] of refusals) {
      const answer = await engine.call('POST', '/containers/create', { Image: IMAGE, HostConfig: host });
      assert.deepEqual([answer.status, answer.json()], [400, { message }]);
    }
    const host = { UsernsMode: 'host', Privileged: true, NetworkMode: 'host', PidMode: 'host' };
    const ran = await run(engine, ['sh', '-c', 'cat /proc/self/uid_map; stat -c %u /bin'], host);
    assert.match(ran.stdout, /^ +0 +0 +4294967295\n231072\n$/);
    const alone = await run(engine, ['cat', '/proc/self/uid_map'], { UsernsMode: 'host', NetworkMode: 'bridge' });
    assert.match(alone.stdout, /^ +0 +0 +4294967295\n$/);
  });

  test('archives carry the containers’ ids; one that no container can have is refused', async () => {
    const id = await create(engine);
    const tar = handMadeTar([{ name: 'own', uid: 12, gid: 13, data: 'x' }]);
    await ask(engine, 'PUT', `/containers/${id}/archive?path=/`, tar);
    const answer = await ask(engine, 'GET', `/containers/${id}/archive?path=/own`);
    const ids = (text: string): number[] => [108, 116].map((at) => Number.parseInt(text.slice(at, at + 7), 8));
    assert.deepEqual(ids(answer.text), [12, 13]);
    const foreign = handMadeTar([{ name: 'foreign', uid: 70_000 }]);
    const refused = await engine.call('PUT', `/containers/${id}/archive?path=/`, foreign);
    assert.match(refused.text, /container ID 70000 cannot be mapped to a host ID/);
    await ask(engine, 'POST', `/commit?container=${id}&repo=committed`);
    const seen = await run(engine, ['stat', '-c', '%u:%g', '/own'], {}, { Image: 'committed' });
    assert.equal(seen.stdout, '12:13\n');
    const image = (await ask(engine, 'GET', '/images/committed/get')).text;
    const header = image.indexOf(`own${'\0'.repeat(97)}`);
    assert.deepEqual(ids(image.slice(header)), [12, 13], 'in the layer, too');
    await remove(engine, id);
  });

  test('builds run and write as the containers’ users', async () => {
    const dockerfile = [
      `FROM ${IMAGE}`,
      'RUN cat /proc/self/uid_map && touch /ran && chown 7:8 /ran',
      'COPY --chown=5:6 file /copied',
      'COPY file /plain',
      'WORKDIR /made/here',
      `FROM ${IMAGE}`,
      'COPY --from=0 /ran /copied /plain /again/',
      'COPY --from=0 /made /made',
    ].join('\n');
    using context = contextFolder({ Dockerfile: dockerfile, file: 'content' });
    const built = await dockerBuild(engine, context, '-t', 'built');
    assert.equal(built.code, 0, built.said);
    assert.match(built.said, new RegExp(MAP.replaceAll(' ', ' +')));
    const files = ['/again', '/again/ran', '/again/copied', '/again/plain', '/made/here'];
    const seen = await run(engine, ['stat', '-c', '%u:%g', ...files], {}, { Image: 'built' });
    assert.deepEqual(seen.stdout.trim().split('\n'), ['0:0', '7:8', '5:6', '0:0', '0:0'], seen.stderr);
    const host = await dockerBuild(engine, context, '--no-cache', '--network', 'host');
    assert.match(host.said, /cannot share the host's network namespace when user namespaces are enabled/);
  });

  test('a container outlives its engine, which finds its namespaces again', async () => {
    const id = await start(engine, { host: { NetworkMode: 'bridge' } });
    await engine.stop('SIGKILL');
    await engine.start();
    const { stdout } = await exec(engine, id, ['sh', '-c', 'id -u; ip -o -4 addr show eth0 | grep -c inet']);
    assert.equal(stdout, '0\n1\n');
    await ask(engine, 'POST', `/containers/${id}/restart?t=0`);
    assert.equal((await exec(engine, id, ['cat', '/proc/self/uid_map'])).stdout.trim().replaceAll(/ +/g, ' '), MAP);
    assert.deepEqual(await logsOf(engine, id), { stdout: '', stderr: '' });
    await remove(engine, id);
  });
});
