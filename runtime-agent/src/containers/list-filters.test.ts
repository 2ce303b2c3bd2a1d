import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import type { ContainerContext } from './context.ts';
import { compileFilters, labelMatcher } from './list-filters.ts';
import { sampleRecord } from './record.sample.ts';
import { openContainerStore } from './store.ts';

const idOf = (digit: string): string => digit.repeat(64);
const IMAGE = `sha256:${'1'.repeat(64)}`;

function world(): Pick<ContainerContext, 'store' | 'images'> {
  const store = openContainerStore(openDatabase(':memory:'));
  store.add(
    sampleRecord(
      { status: 'running' },
      {
        id: idOf('1'),
        name: 'web',
        config: { Image: 'nginx', Labels: { tier: 'front', one: '1' }, ExposedPorts: { '80/tcp': {} } },
        hostConfig: { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
        chainIds: ['sha256:base', 'sha256:nginx'],
        endpoints: { front: {} },
        network: { Networks: { front: {} }, Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] } },
      },
    ),
  );
  store.add(
    sampleRecord(
      { status: 'exited', exitCode: 3 },
      {
        id: idOf('2'),
        name: 'db',
        image: IMAGE,
        config: { Image: 'postgres', Labels: { tier: 'back' } },
        mounts: [
          { type: 'volume', name: 'pg', source: '/v/pg', destination: '/data', mode: '', rw: true, propagation: '' },
        ],
      },
    ),
  );
  store.add(sampleRecord({}, { id: idOf('3'), name: 'new' }));
  const image = (id: string, ...steps: string[]): object => ({
    id,
    chainIds: ['sha256:base'],
    config: { history: steps.map((created_by) => ({ created_by })) },
  });
  const known: Readonly<Record<string, object>> = {
    base: image('sha256:b', 'ADD'),
    other: image('sha256:o', 'ADD', 'LABEL a'),
    [store.find('web').record.image]: image('sha256:w', 'ADD', 'LABEL b', 'RUN'),
  };
  const images = { find: (name: string) => known[name] };
  return { store, images: images as unknown as ContainerContext['images'] };
}

function names(filters: Readonly<Record<string, readonly string[]>>): string[] {
  const context = world();
  const matches = compileFilters(context as ContainerContext, new Map(Object.entries(filters)));
  return context.store
    .all()
    .filter(matches)
    .map(({ record }) => record.name);
}

test('each filter of docker ps', () => {
  assert.deepEqual(names({}), ['web', 'db', 'new']);
  assert.deepEqual(names({ name: ['^we', 'db'] }), ['web', 'db']);
  assert.deepEqual(names({ name: ['/web'] }), ['web']);
  assert.deepEqual(names({ name: ['('] }), []);
  assert.deepEqual(names({ id: ['22'] }), ['db']);
  assert.deepEqual(names({ status: ['created', 'running'] }), ['web', 'new']);
  assert.deepEqual(names({ exited: ['3'] }), ['db']);
  assert.deepEqual(names({ exited: ['0'] }), []);
  assert.deepEqual(names({ label: ['tier'] }), ['web', 'db']);
  assert.deepEqual(names({ label: ['tier=front', 'one'] }), ['web']);
  assert.deepEqual(names({ ancestor: ['postgres'] }), ['db']);
  assert.deepEqual(names({ ancestor: ['base'] }), ['web']);
  assert.deepEqual(names({ ancestor: ['other'] }), [], 'the same layers, and other steps after them');
  assert.deepEqual(names({ since: ['web'] }), ['db', 'new']);
  assert.deepEqual(names({ before: ['new'], status: ['exited'] }), ['db']);
  assert.deepEqual(names({ volume: ['pg'] }), ['db']);
  assert.deepEqual(names({ volume: ['/data'] }), ['db']);
  assert.deepEqual(names({ network: ['front'] }), ['web']);
  assert.deepEqual(names({ publish: ['8079-8081'] }), ['web']);
  assert.deepEqual(names({ publish: ['80'] }), []);
  assert.deepEqual(names({ publish: ['1'], expose: ['80'] }), ['web'], 'one of either is enough');
  assert.deepEqual(names({ expose: ['80/udp'] }), []);
  assert.deepEqual(names({ health: ['none'] }), ['web', 'db', 'new']);
  assert.deepEqual(names({ 'is-task': ['true'] }), []);
});

test('filters and values that do not exist are refused', () => {
  assert.throws(() => names({ bogus: ['x'] }), { code: 'invalid', message: "invalid filter 'bogus'" });
  assert.throws(
    () => names({ status: ['bogus'] }),
    /invalid value for state \(bogus\): must be one of created, running/,
  );
  assert.throws(() => names({ exited: ['x'] }), {
    message: `invalid filter 'exited=x': strconv.Atoi: parsing "x": invalid syntax`,
  });
  for (const [value, problem] of [
    ['x', 'strconv.ParseUint: parsing "x": invalid syntax'],
    ['1-x/tcp', 'strconv.ParseUint: parsing "x": invalid syntax'],
    ['1-70000', 'strconv.ParseUint: parsing "70000": value out of range'],
    ['5-4', 'Invalid range specified for the Port: 5-4'],
    ['', 'Empty string specified for ports.'],
  ] as const) {
    const message = `error while looking up for publish ${value}: ${problem}`;
    assert.throws(() => names({ publish: [value] }), { code: 'internal', message });
  }
  assert.throws(() => names({ expose: ['1:2'] }), { message: "filter for 'expose' should not contain ':': 1:2" });
  assert.deepEqual(names({ publish: ['80/bogus'] }), []);
  assert.throws(() => names({ since: ['nobody'] }), { code: 'not-found' });
});

test('label values may hold equals signs', () => {
  assert.equal(labelMatcher(['a=b=c'])({ a: 'b=c' }), true);
  assert.equal(labelMatcher(['a='])({ a: '' }), true);
  assert.equal(labelMatcher(['a='])({ a: 'x' }), false);
});
