/** Files in and out of containers: archive, changes, export, commit; and containers that try to lead the engine astray. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Readable } from 'node:stream';
import type { TarEntry } from '../../runtime-agent/src/snapshots/tar-entry.ts';
import { visitTar } from '../../runtime-agent/src/snapshots/tar-entries.ts';
import { callSocket } from '../support/call-socket.ts';
import {
  ask,
  create,
  exec,
  IMAGE,
  inspect,
  logsOf,
  pullImage,
  remove,
  run,
  start,
  until,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type HandEntry, handMadeTar } from '../support/tar-builder.ts';

let engine: TestEngine;
let outside: string;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
  outside = mkdtempSync(path.join(tmpdir(), 'slipway-outside-'));
});
after(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(outside, { recursive: true, force: true });
});

interface Bytes {
  readonly status: number;
  readonly stat: Record<string, unknown> | undefined;
  readonly body: Buffer;
}

function get(id: string, place: string, method = 'GET'): Promise<Bytes> {
  const target = `/containers/${id}/archive?path=${encodeURIComponent(place)}`;
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: engine.socket, method, path: target }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const header = String(response.headers['x-docker-container-path-stat'] ?? '');
        const stat =
          header === '' ? undefined : (JSON.parse(Buffer.from(header, 'base64').toString()) as Record<string, unknown>);
        resolve({ status: response.statusCode ?? 0, stat, body: Buffer.concat(chunks) });
      });
    });
    call.on('error', reject).end();
  });
}

const put = (id: string, place: string, entries: readonly HandEntry[], query = '') =>
  callSocket(
    engine.socket,
    'PUT',
    `/containers/${id}/archive?path=${encodeURIComponent(place)}${query}`,
    handMadeTar(entries),
  );

interface Unpacked extends TarEntry {
  readonly data: string;
}

async function entries(tar: Buffer): Promise<Unpacked[]> {
  const found: (TarEntry & { data: string })[] = [];
  await visitTar(Readable.from([tar]) as AsyncIterable<Buffer>, {
    entry: async (entry) => void found.push({ ...entry, data: '' }),
    data: async (chunk) => void ((found.at(-1) as { data: string }).data += chunk.toString()),
    end: async () => {},
  });
  return found;
}

const names = async (id: string, place: string): Promise<string[]> =>
  (await entries((await get(id, place)).body)).map(({ name }) => name);
const shell = async (id: string, script: string): Promise<string> =>
  (await exec(engine, id, ['sh', '-c', script])).stdout;

test('another image’s files, read-only, whole or a part, at each start anew', async () => {
  const mount = (Target: string, more: object = {}) => ({ Type: 'image', Source: IMAGE, Target, ...more });
  const Mounts = [mount('/i'), mount('/part', { ImageOptions: { Subpath: 'bin' } })];
  const look = 'ls /i; ls /part/sh; touch /i/x || ls /absent; sleep 1000';
  const id = await create(engine, { command: ['sh', '-c', look], host: { Mounts } });
  for (const _ of [1, 2]) {
    await ask(engine, 'POST', `/containers/${id}/start`);
    await until('all said', async () => (await logsOf(engine, id)).stderr.includes('absent'));
    await ask(engine, 'POST', `/containers/${id}/stop?t=0`);
  }
  const { stdout, stderr } = await logsOf(engine, id);
  assert.match(stdout, /^bin\n(.*\n)*etc\n(.*\n)*\/part\/sh\nbin\n/);
  assert.match(stderr, /\/i\/x: Read-only file system/);
  const { Mounts: shown } = await inspect(engine, id);
  assert.deepEqual(
    shown?.map(({ Type, Name, Destination, RW, Propagation }) => [Type, Name, Destination, RW, Propagation]),
    [
      ['image', IMAGE, '/i', false, 'rprivate'],
      ['image', IMAGE, '/part', false, 'rprivate'],
    ],
  );
  await remove(engine, id);
  const absent = [mount('/part', { ImageOptions: { Subpath: 'nope' } })];
  const other = await create(engine, { host: { Mounts: absent } });
  const answer = await engine.call('POST', `/containers/${other}/start`);
  assert.equal(answer.status, 404);
  assert.match(answer.text, /cannot access path .*\/nope: no such file or directory/);
  await remove(engine, other);
  assert.ok(!readFileSync('/proc/self/mountinfo', 'utf8').includes(`${engine.dataRoot}/containers`));
});

describe('archive', () => {
  test('out of running and stopped containers: names, modes, owners, links', async () => {
    const script =
      'mkdir /out; echo x >/out/x; chmod 640 /out/x; chown 7:8 /out/x; ln -s x /out/l; ln /out/x /out/h; sleep 1000';
    const id = await start(engine, { command: ['sh', '-c', script] });
    const check = async (): Promise<void> => {
      assert.deepEqual(await names(id, '/out'), ['out/', 'out/h', 'out/l', 'out/x']);
      assert.deepEqual(await names(id, '/out/.'), ['./', './h', './l', './x']);
      assert.deepEqual(await names(id, '/out/x'), ['x']);
      const [, hard, soft, file] = await entries((await get(id, '/out')).body);
      assert.deepEqual([hard?.type, hard?.data, hard?.mode, hard?.uid, hard?.gid], ['0', 'x\n', 0o640, 7, 8]);
      assert.deepEqual([soft?.type, soft?.linkName], ['2', 'x']);
      assert.deepEqual([file?.type, file?.linkName], ['1', 'out/h'], 'a second name is a link in the archive');
    };
    while (!existsSync(`/proc/${(await inspect(engine, id)).State?.Pid}/root/out/h`))
      await new Promise((r) => setTimeout(r, 20));
    await check();
    await ask(engine, 'POST', `/containers/${id}/kill`);
    await check();
    await remove(engine, id);
  });

  test('a client that is gone before the first byte holds nothing back', async () => {
    for (const what of ['export', 'archive?path=/etc']) {
      const id = await create(engine, {});
      const socket = connect(engine.socket);
      // What follows is no request: the answer to it ends the connection while the one before is being worked on.
      socket.end(`GET /containers/${id}/${what} HTTP/1.1\r\nHost: engine\r\n\r\n{"no": "request"}\r\n\r\n`);
      socket.resume();
      await once(socket, 'close');
      assert.equal((await engine.call('DELETE', `/containers/${id}`)).status, 204, what);
    }
  });

  test('the whole root of a running container, without what the kernel shows in it', async () => {
    const id = await start(engine, { command: ['sh', '-c', 'while :; do echo >/new; rm /new; done'] });
    for (let round = 0; round < 3; round++) {
      const all = await names(id, '/');
      assert.ok(all.includes('/bin/') && all.includes('/etc/hosts'), all.join(' '));
      assert.deepEqual(
        all.filter((name) => /^\/(proc|sys|dev)/.test(name)),
        ['/dev/', '/proc/', '/sys/'],
      );
    }
    await remove(engine, id);
  });

  test('what HEAD says of a file, a directory and a link', async () => {
    const id = await start(engine);
    await shell(id, 'mkdir -m 1777 /d; echo 12345 >/d/f; ln -s ../d/f /d/l; ln -s /d /e');
    const file = await get(id, '/d/f', 'HEAD');
    assert.deepEqual(
      [file.stat?.['name'], file.stat?.['size'], file.stat?.['mode'], file.stat?.['linkTarget']],
      ['f', 6, 0o644, ''],
    );
    const directory = await get(id, '/d', 'HEAD');
    assert.equal(directory.stat?.['mode'], 2 ** 31 + 2 ** 20 + 0o777);
    const link = await get(id, '/e/l', 'HEAD');
    assert.deepEqual([link.stat?.['mode'], link.stat?.['linkTarget']], [2 ** 27 + 0o777, '/d/f']);
    assert.equal((await get(id, '/nope', 'HEAD')).status, 404);
    await remove(engine, id);
  });

  test('in: files, directories over directories, owners and times; errors before anything is written', async () => {
    const id = await start(engine, { config: { User: '1000:1000' } });
    await shell(id, 'mkdir -p /tmp/t/sub; echo old >/tmp/t/sub/f');
    const tar: HandEntry[] = [
      { name: 'sub', type: '5', mode: 0o711 },
      { name: 'sub/f', data: 'new', mode: 0o604, uid: 5, gid: 6, mtime: '981173106' },
      { name: 'deep/er/g', data: 'g' },
      { name: 'l', type: '2', linkName: 'sub/f' },
    ];
    assert.equal((await put(id, '/tmp/t', tar)).status, 200);
    assert.equal(
      await shell(id, 'cd /tmp/t; cat sub/f deep/er/g l; stat -c " %u:%g %a %Y" sub/f; stat -c %a sub'),
      'newgnew 5:6 604 981173106\n711\n',
    );
    assert.equal((await put(id, '/tmp/t', [{ name: 'own', data: 'x', uid: 5 }], '&copyUIDGID=1')).status, 200);
    assert.equal(await shell(id, 'stat -c %u:%g /tmp/t/own'), '1000:1000\n');
    assert.match(
      (await put(id, '/tmp/t', [{ name: 'sub', data: 'x' }], '&noOverwriteDirNonDir=1')).text,
      /cannot overwrite directory/,
    );
    assert.equal((await put(id, '/tmp/t/sub/f', [])).status, 400);
    assert.equal((await put(id, '/tmp/nope', [])).status, 404);
    await remove(engine, id);
  });

  test('into volumes, binds and read-only places, of running and stopped containers', async () => {
    writeFileSync(path.join(outside, 'given'), 'host');
    const host = { Binds: ['vol-files:/vol', `${outside}:/bind:ro`], ReadonlyRootfs: true };
    const id = await create(engine, { host });
    const check = async (): Promise<void> => {
      assert.equal((await put(id, '/vol', [{ name: 'f', data: 'v' }])).status, 200);
      assert.equal((await entries((await get(id, '/vol/f')).body))[0]?.data, 'v');
      assert.equal((await entries((await get(id, '/bind/given')).body))[0]?.data, 'host');
      const bind = await put(id, '/bind', [{ name: 'f', data: 'x' }]);
      assert.deepEqual([bind.status, bind.text], [400, '{"message":"mounted volume is marked read-only"}\n']);
      const root = await put(id, '/', [{ name: 'f', data: 'x' }]);
      assert.deepEqual([root.status, root.text], [400, '{"message":"container rootfs is marked read-only"}\n']);
    };
    await check();
    await ask(engine, 'POST', `/containers/${id}/start`);
    await check();
    await remove(engine, id);
    await ask(engine, 'DELETE', '/volumes/vol-files');
  });

  test('links lead nowhere but into the container', async () => {
    writeFileSync(path.join(outside, 'secret'), 'host secret');
    const id = await start(engine);
    await shell(
      id,
      `mkdir -p ${outside} /safe; ln -s ${outside} /abs; ln -s ../../../../../../..${outside} /rel; ln -s /loop /loop`,
    );
    for (const running of [true, false]) {
      for (const link of ['/abs', '/rel']) {
        const out = await get(id, `${link}/secret`);
        assert.equal(out.status, 404, `${link}: ${out.body.toString()}`);
        assert.equal((await put(id, link, [{ name: `in-${running}`, data: 'x' }])).status, 200);
      }
      assert.equal((await get(id, '/loop/x')).status, 400);
      const escaping: readonly HandEntry[][] = [
        [{ name: '../escaped', data: 'x' }],
        [{ name: '/../../escaped', data: 'x' }],
        [
          { name: 'hole', type: '2', linkName: outside },
          { name: 'hole/escaped', data: 'x' },
        ],
        [{ name: 'hard', type: '1', linkName: '../../../../../../etc/passwd' }],
      ];
      for (const tar of escaping) await put(id, '/safe', tar);
      assert.equal((await get(id, `/safe${outside}/escaped`)).status, 200, 'below the directory');
      if (running) await ask(engine, 'POST', `/containers/${id}/kill`);
    }
    assert.equal(existsSync(path.join(outside, 'escaped')), false);
    assert.equal(existsSync(path.join(outside, 'in-true')), false);
    assert.equal(readFileSync(path.join(outside, 'secret'), 'utf8'), 'host secret');
    assert.deepEqual((await names(id, outside)).sort(), [
      `${path.basename(outside)}/`,
      `${path.basename(outside)}/in-false`,
      `${path.basename(outside)}/in-true`,
    ]);
    await remove(engine, id);
  });

  test('a directory that is swapped for a link all the time never lets a file out', async () => {
    writeFileSync(path.join(outside, 'secret'), 'host secret');
    const swap = `mkdir /a /b; echo inside >/a/secret; while :; do mv /a /c; ln -s ${outside} /a; rm /a; mv /c /a; done`;
    const id = await start(engine, { command: ['sh', '-c', swap] });
    for (let i = 0; i < 60; i++) {
      const { status, body } = await get(id, '/a/secret');
      assert.equal(body.includes('host secret'), false);
      assert.ok([200, 404, 500].includes(status));
      await put(id, '/a', [{ name: `f${i}`, data: 'x' }]);
    }
    assert.equal(existsSync(path.join(outside, 'f1')), false);
    await remove(engine, id);
  });

  test('an archive that is none, and one that is cut short', async () => {
    const id = await create(engine);
    const bad = (body: Buffer) => callSocket(engine.socket, 'PUT', `/containers/${id}/archive?path=/tmp`, body);
    assert.equal((await bad(Buffer.from('x'.repeat(600)))).status, 500);
    assert.equal((await bad(handMadeTar([{ name: 'f', data: 'x'.repeat(5000) }]).subarray(0, 2000))).status, 500);
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(`${engine.dataRoot}/containers`), false);
    await remove(engine, id);
  });
});

describe('changes, export, commit', () => {
  test('what a container changed, and nothing that the engine mounts', async () => {
    const script = 'echo x >/new; rm /etc/group; echo y >>/etc/passwd; mkdir /d; touch /d/e';
    const id = await start(engine, { command: ['sh', '-c', script], host: { Binds: ['/data'] } });
    await waitFor(engine, id);
    const changes = (await ask(engine, 'GET', `/containers/${id}/changes`)).json<{ Path: string; Kind: number }[]>();
    const shown = changes.map(({ Path, Kind }) => `${'CAD'[Kind]} ${Path}`).filter((line) => !line.includes('/data'));
    assert.deepEqual(shown, ['A /d', 'A /d/e', 'C /etc', 'D /etc/group', 'C /etc/passwd', 'A /new']);
    const exported = await ask(engine, 'GET', `/containers/${id}/export`);
    assert.ok(exported.text.includes('new') && exported.text.length > 100_000);
    await remove(engine, id);
  });

  test('files keep their capabilities: into a container, out of it, exported; running or not', async () => {
    const netRaw = '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
    const able = handMadeTar([{ name: 'able', data: 'x', mode: 0o755, xattrs: [['security.capability', netRaw]] }]);
    const id = await start(engine, { command: ['sleep', '1000'], host: { Binds: ['/volume'] } });
    const check = async (when: string) => {
      for (const place of ['/bin', '/volume']) {
        const target = `/containers/${id}/archive?path=${place}`;
        assert.equal((await callSocket(engine.socket, 'PUT', target, able)).status, 200);
        for (const from of [place, `${place}/able`]) {
          const { text } = await ask(engine, 'GET', `/containers/${id}/archive?path=${from}`);
          assert.ok(text.includes('SCHILY.xattr.security.capability=\x01\0\0\x02\0 '), `${from} ${when}`);
        }
      }
      const exported = (await ask(engine, 'GET', `/containers/${id}/export`)).text;
      assert.equal(
        exported.split('SCHILY.xattr.security.capability=\x01\0\0\x02\0 ').length,
        2,
        `${when}: not of volumes`,
      );
    };
    await check('while it runs');
    await ask(engine, 'POST', `/containers/${id}/kill`);
    await waitFor(engine, id);
    await check('afterwards');
    await remove(engine, id);
  });

  test('a commit is an image of the container as it is, with its configuration and changes', async () => {
    const id = await start(engine, {
      command: ['sh', '-c', 'echo data >/data; rm /etc/group; sleep 1000'],
      config: { Env: ['K=v'] },
    });
    while ((await shell(id, 'cat /data; ls /etc/group')) !== 'data\n') await new Promise((r) => setTimeout(r, 50));
    const query = 'repo=made&tag=t&author=me&comment=why&changes=CMD+%5B%22cat%22%2C%22%2Fdata%22%5D&changes=ENV+X%3D1';
    const { Id } = (await ask(engine, 'POST', `/commit?container=${id}&${query}`, {})).json<{ Id: string }>();
    assert.equal((await inspect(engine, id)).State?.Status, 'running', 'it was paused for the while only');
    const image = (await ask(engine, 'GET', '/images/made:t/json')).json<{
      Id: string;
      Author: string;
      Comment: string;
      Config: { Env: string[] };
    }>();
    assert.deepEqual([image.Id, image.Author, image.Comment], [Id, 'me', 'why']);
    assert.ok(image.Config.Env.includes('K=v') && image.Config.Env.includes('X=1'));
    const made = await create(engine, { config: { Image: 'made:t', Cmd: undefined } });
    await ask(engine, 'POST', `/containers/${made}/start`);
    assert.equal(await waitFor(engine, made), 0);
    assert.equal((await names(made, '/etc')).includes('etc/group'), false);
    for (const one of [made, id]) await remove(engine, one);
    await ask(engine, 'DELETE', '/images/made:t');
    assert.equal((await run(engine, ['true'])).code, 0);
  });

  test('a container of a removed image can still be started and committed', async () => {
    mkdirSync(path.join(outside, 'x'), { recursive: true });
    const base = await create(engine, { command: ['true'] });
    await ask(engine, 'POST', `/commit?container=${base}&repo=short&tag=1`, {});
    const id = await create(engine, { command: ['true'], config: { Image: 'short:1' } });
    await ask(engine, 'DELETE', '/images/short:1?force=1');
    await ask(engine, 'POST', `/containers/${id}/start`);
    assert.equal(await waitFor(engine, id), 0);
    await ask(engine, 'POST', `/commit?container=${id}&repo=again&tag=1`, {});
    for (const one of [base, id]) await remove(engine, one);
    await ask(engine, 'DELETE', '/images/again:1');
  });
});
