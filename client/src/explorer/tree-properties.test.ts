/** What holds for the trees whatever the engine says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ContainerSummary, ImageSummary } from '#model/engine-api/types.ts';
import { containerTree } from './containers.ts';
import { hostTree } from './hosts.ts';
import { imageTree } from './images.ts';
import type { TreeNode } from './node.ts';
import type { EngineSnapshot, HostView } from './snapshot.ts';
import { networkTree, volumeTree } from './storage.ts';

const word = fc.string({ maxLength: 8 });
const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const container = fc.record(
  {
    Id: id,
    Names: fc.array(
      word.map((name) => `/${name}`),
      { maxLength: 2 },
    ),
    Image: word,
    ImageID: word,
    State: fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'),
    Status: fc.oneof(word, fc.constantFrom('Up 1 second (healthy)', 'Exited (3) now', 'Up (unhealthy)')),
    Labels: fc.dictionary(fc.constantFrom('com.docker.compose.project', 'com.docker.compose.service'), word),
    Ports: fc.array(
      fc.record({ PrivatePort: fc.nat(65_535), PublicPort: fc.nat(65_535), Type: fc.constantFrom('tcp', 'udp') }),
    ) as never,
  },
  { requiredKeys: ['Id'] },
) as unknown as fc.Arbitrary<ContainerSummary>;
const image = fc.record({
  Id: id,
  RepoTags: fc.uniqueArray(word),
  Created: fc.nat(),
  Size: fc.nat(),
}) as unknown as fc.Arbitrary<ImageSummary>;
const snapshot = fc.record({
  info: fc.constant({}),
  version: fc.constant({}),
  containers: fc.uniqueArray(container, { selector: ({ Id }) => Id, maxLength: 8 }),
  startedAt: fc.constant(new Map<string, number>()),
  images: fc.uniqueArray(image, { selector: ({ Id }) => Id, maxLength: 5 }),
  volumes: fc.uniqueArray(fc.record({ Name: word, Driver: word, Mountpoint: word }), {
    selector: ({ Name }) => Name,
  }) as never,
  networks: fc.uniqueArray(fc.record({ Name: word, Id: id }), { selector: ({ Id }) => Id }) as never,
}) as unknown as fc.Arbitrary<EngineSnapshot>;
const hosts: fc.Arbitrary<HostView[]> = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('local', 'ssh:a', 'ssh:b'),
    label: word,
    kind: fc.constantFrom<HostView['kind'][]>('local', 'ssh', 'socket'),
    active: fc.boolean(),
    state: fc.oneof(
      fc.constant({ kind: 'disconnected' as const }),
      fc.record({ kind: fc.constant('failed' as const), message: word }),
      fc.record({ kind: fc.constant('lost' as const), reason: word }),
      fc.record({ kind: fc.constant('connecting' as const), message: word, lost: word }),
      fc.record({ kind: fc.constant('connected' as const), snapshot: fc.constant(undefined), problem: word }),
      fc.record({ kind: fc.constant('connected' as const), snapshot: fc.option(snapshot, { nil: undefined }) }),
    ),
  }),
  { selector: (host) => host.id },
);

const flat = (nodes: readonly TreeNode[]): TreeNode[] => nodes.flatMap((node) => [node, ...flat(node.children ?? [])]);
const NOW = 2_000_000_000_000;

test('keys are unique, contexts begin with the kind of row, every row has a label and an icon', () => {
  fc.assert(
    fc.property(hosts, (views) => {
      for (const tree of [
        hostTree(views),
        containerTree(views, NOW),
        imageTree(views, NOW),
        volumeTree(views),
        networkTree(views),
      ]) {
        const rows = flat(tree);
        assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
        for (const row of rows) {
          assert.match(row.context, row.context.startsWith('group') ? /^group$/ : new RegExp(`^${row.kind}\\b`));
          assert.match(row.icon, /^[a-z]+(-[a-z]+)*(~spin)?$/);
          assert.equal(typeof row.label, 'string');
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('every container of every connected host is one row, and nothing else is', () => {
  fc.assert(
    fc.property(hosts, (views) => {
      const rows = flat(containerTree(views, NOW)).filter((row) => row.kind === 'container');
      const wanted = views.flatMap((view) =>
        view.state.kind === 'connected'
          ? (view.state.snapshot?.containers ?? []).map(({ Id }) => `${view.id} ${Id}`)
          : [],
      );
      assert.deepEqual(new Set(rows.map((row) => `${row.hostId} ${row.id}`)), new Set(wanted));
      assert.equal(rows.length, wanted.length);
    }),
    { numRuns: 60 },
  );
});
