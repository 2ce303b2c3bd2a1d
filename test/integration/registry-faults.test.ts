/** Pulls from registries and mirrors that are busy, or have not all. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { type HandImage, pushImage } from '../support/registry-image.ts';
import { startRegistryProxy } from '../support/registry-proxy.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let registry: Registry;
let engine: TestEngine;
before(async () => {
  registry = await startRegistry();
  engine = await startTestEngine({ mirror: false });
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

const small = (name: string): HandImage => ({
  layers: ['bottom', 'top'].map((layer) => handMadeTar([{ name: layer, data: `${layer} of ${name}` }])),
});

test('a mirror that has only half of an image is passed over', async () => {
  const image = await pushImage(registry.url, 'library/half:1', small('half'));
  const missing = image.layers[1]?.digest ?? '';
  await using broken = await startRegistryProxy(registry.url, {
    before(incoming, outgoing) {
      if (!incoming.url?.includes(missing)) return false;
      outgoing.writeHead(404).end();
      return true;
    },
  });
  await using other = await startTestEngine({
    mirror: false,
    args: ['--registry-mirror', broken.url, '--registry-mirror', registry.url],
  });
  const { stdout } = await docker(other, 'pull', 'half:1');
  assert.match(stdout, /Downloaded newer image for half:1/);
  assert.ok(broken.blobRequests(missing).length > 0);
});

test('a registry that is busy is waited for', async () => {
  const image = await pushImage(registry.url, 'team/busy:1', small('busy'));
  const busy = new Map<string, number>();
  await using proxy = await startRegistryProxy(registry.url, {
    before(incoming, outgoing) {
      const url = incoming.url ?? '';
      const times = (busy.get(url) ?? 0) + 1;
      busy.set(url, times);
      if (!url.includes('/team/busy/') || times > 2) return false;
      outgoing.writeHead(times === 1 ? 429 : 503, times === 1 ? { 'Retry-After': '0' } : {}).end();
      return true;
    },
  });
  const name = `${proxy.host}/team/busy:1`;
  const { stdout } = await docker(engine, 'pull', name);
  assert.match(stdout, new RegExp(`^Status: Downloaded newer image for ${name}$`, 'm'));
  assert.ok([...busy.values()].some((times) => times === 3));
  assert.equal(image.layers.length, 2);
});
