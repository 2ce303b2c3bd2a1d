import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Definition } from '../messages/control.ts';
import { definitionOf, resultOf } from './result-definition.ts';

test('a result goes through a client and back', () => {
  const graph = Definition.decode(Definition.encode(definitionOf('abc')));
  assert.equal(resultOf(graph), 'abc');
  const [node = Buffer.alloc(0)] = graph.def;
  const digest = `sha256:${createHash('sha256').update(node).digest('hex')}`;
  assert.ok(digest in graph.metadata, 'clients take a graph without metadata for none');
  assert.ok(graph.def[1]?.includes(digest), 'the last node is what the graph gives');
});

test("a client's own graph is none of ours", () => {
  const source = Buffer.concat([Buffer.from('1a1a0a18', 'hex'), Buffer.from('docker-image://busybox:1')]);
  assert.equal(resultOf({ def: [source] }), undefined);
  assert.equal(resultOf({}), undefined);
});
