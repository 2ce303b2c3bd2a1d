import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSummary, ImageSummary } from '#model/engine-api/types.ts';
import { containerTree, uptimeOf } from './containers.ts';
import { hostTree } from './hosts.ts';
import { imageTree } from './images.ts';
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { networkTree, volumeTree } from './storage.ts';
import { bytes, escapeMarkdown, span } from './words.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

function container(name: string, more: Partial<ContainerSummary> = {}): ContainerSummary {
  return {
    Id: name.padEnd(64, '0'),
    Names: [`/${name}`],
    Image: 'node:24',
    ImageID: 'sha256:i1',
    State: 'running',
    Status: 'Up 2 hours',
    ...more,
  };
}

function image(id: string, tags: string[]): ImageSummary {
  return { Id: `sha256:${id}`, RepoTags: tags, Created: NOW / 1000 - 7200, Size: 129_400_000 } as ImageSummary;
}

function snapshot(more: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return {
    info: { NCPU: 4, MemTotal: 8_000_000_000, OperatingSystem: 'Debian GNU/Linux 13', Architecture: 'x86_64' },
    version: { Version: '0.1.0', Platform: { Name: 'Slipway' } },
    containers: [],
    startedAt: new Map(),
    images: [],
    volumes: [],
    networks: [],
    ...more,
  };
}

function host(id: string, state: HostView['state'], more: Partial<HostView> = {}): HostView {
  return { id, label: id, kind: 'ssh', state, active: false, ...more };
}

const connected = (more: Partial<EngineSnapshot> = {}, id = 'box'): HostView =>
  host(id, { kind: 'connected', snapshot: snapshot(more) });

const rows = (nodes: readonly TreeNode[]): string[] => nodes.map((node) => `${node.label} | ${node.description ?? ''}`);
const only = (containers: ContainerSummary[], startedAt = new Map<string, number>()): TreeNode =>
  containerTree([connected({ containers, startedAt })], NOW)[0] ?? assert.fail('no row');

test('a running container: image, ports each once, time since its start', () => {
  const web = container('web', {
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { PrivatePort: 53, PublicPort: 53, Type: 'udp' },
      { PrivatePort: 9229, Type: 'tcp' },
    ],
  });
  const row = only([web], new Map([[web.Id ?? '', NOW - 3 * HOUR]]));
  assert.equal(row.label, 'web');
  assert.equal(row.description, '53/udp, 8080→80 · node:24 · up 3 h');
  assert.equal(row.context, 'container running');
  assert.deepEqual([row.icon, row.iconColor], ['circle-filled', 'charts.green']);
});

test('state and health decide over icon and context', () => {
  const of = (more: Partial<ContainerSummary>): string[] => {
    const row = only([container('c', more)]);
    return [row.icon, row.context, row.description ?? ''];
  };
  assert.deepEqual(of({ Status: 'Up 1 second (healthy)' }).slice(0, 2), ['pass-filled', 'container running healthy']);
  assert.deepEqual(of({ Status: 'Up 1 minute (unhealthy)' }), [
    'warning',
    'container running unhealthy',
    'node:24 · running · unhealthy',
  ]);
  assert.deepEqual(of({ Status: 'Up 1 minute (health: starting)' }).slice(0, 2), [
    'loading~spin',
    'container running starting',
  ]);
  assert.deepEqual(of({ State: 'exited', Status: 'Exited (0) 1 hour ago' }), [
    'circle-outline',
    'container exited',
    'node:24 · exited (0)',
  ]);
  assert.deepEqual(of({ State: 'exited', Status: 'Exited (137) 1 hour ago' })[0], 'error');
  assert.deepEqual(of({ State: 'paused', Status: 'Up 1 hour (Paused)' }).slice(0, 2), [
    'debug-pause',
    'container paused',
  ]);
  assert.deepEqual(of({ State: 'restarting', Status: 'Restarting (1) 2 seconds ago' })[0], 'sync~spin');
  assert.deepEqual(of({ State: 'created', Status: 'Created' }), [
    'circle-outline',
    'container created',
    'node:24 · created',
  ]);
});

test('running ones come first, then names in natural order', () => {
  const tree = containerTree(
    [
      connected({
        containers: [
          container('b10', { State: 'exited' }),
          container('a'),
          container('b9', { State: 'exited' }),
          container('z'),
        ],
      }),
    ],
    NOW,
  );
  assert.deepEqual(
    tree.map((node) => node.label),
    ['a', 'z', 'b9', 'b10'],
  );
});

test('containers of a Compose project are under it, by service', () => {
  const labels = (service: string) => ({ 'com.docker.compose.project': 'shop', 'com.docker.compose.service': service });
  const tree = containerTree(
    [
      connected({
        containers: [
          container('shop-web-1', { Labels: labels('web') }),
          container('shop-db-1', { Labels: labels('db'), State: 'exited', Status: 'Exited (1)' }),
          container('other'),
        ],
      }),
    ],
    NOW,
  );
  assert.deepEqual(rows(tree).slice(0, 1), ['shop | 1 of 2 running']);
  assert.deepEqual(
    tree[0]?.children?.map((node) => node.label),
    ['web', 'db'],
  );
  assert.equal(tree[1]?.label, 'other');
  assert.equal(tree[0]?.context, 'project partly');
});

test('one host: its things are at the top; several: below a row for each; none at all: empty, for the welcome', () => {
  const one = connected({ images: [image('i1', ['a:1'])] });
  const two = connected({ images: [image('i2', ['b:1', 'c:1'])] }, 'far');
  assert.deepEqual(
    imageTree([one, host('off', { kind: 'disconnected' })], NOW).map((node) => node.label),
    ['a:1'],
  );
  const tree = imageTree([one, two], NOW);
  assert.deepEqual(rows(tree), ['box | 1', 'far | 2']);
  assert.equal(tree[0]?.context, 'group');
  assert.deepEqual(imageTree([connected(), connected({}, 'far')], NOW), []);
  assert.deepEqual(containerTree([], NOW), []);
  assert.deepEqual(containerTree([host('new', { kind: 'connected', snapshot: undefined })], NOW), []);
});

test('a host whose connection is being got back keeps its row beside those of others; alone, the view says it', () => {
  const lost = host('far', { kind: 'lost', reason: 'cable <cut>' });
  const again = host('far', { kind: 'connecting', message: 'x', lost: 'cable <cut>' });
  for (const view of [lost, again]) {
    const tree = containerTree([connected(), view], NOW);
    assert.deepEqual(rows(tree), ['box | none', 'far | connection lost, trying again…']);
    assert.equal(tree[1]?.command?.id, 'slipway.explainHost');
    assert.match(tree[1]?.tooltip ?? '', /cable .*cut.*Slipway keeps trying/s);
    assert.deepEqual(imageTree([view, host('new', { kind: 'connecting', message: 'x' })], NOW), []);
  }
});

test('images: a row for each tag, untagged ones last, used ones marked', () => {
  const tree = imageTree(
    [
      connected({
        images: [image('i0', ['<none>:<none>']), image('i1', ['web:2', 'web:10'])],
        containers: [container('web')],
      }),
    ],
    NOW,
  );
  assert.deepEqual(rows(tree), [
    'web:2 | 129 MB · 2 h old',
    'web:10 | 129 MB · 2 h old',
    'i0 | untagged · 129 MB · 2 h old',
  ]);
  assert.deepEqual(
    tree.map((node) => node.context),
    ['image tagged used', 'image tagged used', 'image untagged'],
  );
  assert.deepEqual(
    tree.map((node) => node.id),
    ['web:2', 'web:10', 'sha256:i0'],
  );
  assert.equal(new Set(tree.map((node) => node.key)).size, 3);
});

test('volumes say who uses them, networks where they lead', () => {
  const volumes = [
    { Name: 'data', Driver: 'local', Mountpoint: '/v/data' },
    { Name: 'f'.repeat(64), Driver: 'local', Mountpoint: '/v/f' },
  ] as unknown as EngineSnapshot['volumes'];
  const web = container('web', { Mounts: [{ Type: 'volume', Name: 'data', Destination: '/data' }] as never });
  assert.deepEqual(rows(volumeTree([connected({ volumes, containers: [web] })])), [
    'data | web',
    'ffffffffffff | anonymous',
  ]);
  const networks = [
    { Name: 'shop', Id: 'n1', Driver: 'bridge', IPAM: { Config: [{ Subnet: '172.18.0.0/16' }] } },
    { Name: 'bridge', Id: 'n0', Driver: 'bridge' },
  ] as EngineSnapshot['networks'];
  const tree = networkTree([connected({ networks })]);
  assert.deepEqual(rows(tree), ['bridge | bridge', 'shop | bridge · 172.18.0.0/16']);
  assert.deepEqual(
    tree.map((node) => node.context),
    ['network builtin', 'network own'],
  );
});

test('hosts: each state has its words, and a failure its own row', () => {
  const tree = hostTree([
    host('a', { kind: 'disconnected' }, { kind: 'local' }),
    host('b', { kind: 'connecting', message: 'Opening the SSH connection' }),
    { ...connected({ containers: [container('x'), container('y', { State: 'exited' })] }, 'c'), active: true },
    host('d', { kind: 'lost', reason: 'cable cut' }),
    host('e', { kind: 'failed', message: 'no <entry>' }),
    connected({}, 'f'),
  ]);
  assert.deepEqual(rows(tree), [
    'a | not connected',
    'b | opening the SSH connection…',
    'c | 1 running · active',
    'd | connection lost, trying again…',
    'e | not connected',
    'f | Slipway',
  ]);
  assert.deepEqual(
    tree.map((node) => node.context),
    [
      'host disconnected local',
      'host connecting ssh',
      'host connected ssh active',
      'host lost ssh',
      'host failed ssh',
      'host connected ssh',
    ],
  );
  assert.deepEqual(
    tree[4]?.children?.map((node) => [node.label, node.command?.id]),
    [['no <entry>', 'slipway.explainHost']],
  );
  assert.match(tree[2]?.tooltip ?? '', /4 CPUs, 8 GB memory/);
});

test('a connected host that could not be read says why', () => {
  const [row] = hostTree([host('a', { kind: 'connected', snapshot: undefined, problem: 'no answer to /networks' })]);
  assert.equal(row?.description, 'connected');
  assert.deepEqual(
    row?.children?.map((node) => [node.label, node.command?.id]),
    [['no answer to /networks', 'slipway.explainHost']],
  );
  const [read] = hostTree([host('a', { kind: 'connected', snapshot: snapshot(), problem: 'once' })]);
  assert.equal(read?.children, undefined, 'what was read is shown');
});

test('numbers and times as people say them', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 999_600, 5e12].map(bytes), [
    '0 B',
    '999 B',
    '1 kB',
    '1.23 MB',
    '1 MB',
    '5 TB',
  ]);
  assert.deepEqual([10_000, 60_000, 2 * HOUR, 24 * HOUR, 400 * 24 * HOUR].map(span), [
    '<1 min',
    '1 min',
    '2 h',
    '1 day',
    '1 year',
  ]);
  assert.equal(escapeMarkdown('a*b_[c](d)'), String.raw`a\*b\_\[c\]\(d\)`);
});

test('for how long a container has been up is counted from its start, not told as it was', () => {
  const running = { Id: 'x', State: 'running' as const, Status: 'Up Less than a second' };
  assert.equal(uptimeOf(running, 60_000, 3_660_000), 'up 1 h');
  assert.equal(
    uptimeOf({ ...running, State: 'exited' as const, Status: 'Exited (3) 2 minutes ago' }, undefined, 0),
    'exited (3)',
  );
});
