import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '#model/text/span.ts';
import { parseCompose } from './parse.ts';
import { COMPOSE_FILE } from './schema/compose-file.ts';
import type { Schema } from './schema/schema.ts';
import { allowedValues, validate } from './validate.ts';

function problems(text: string, schema: Schema = COMPOSE_FILE): string[] {
  const { root } = parseCompose(text);
  assert.ok(root);
  return validate(root, schema).map(({ code, span, message }) => `${code} «${textOf(text, span)}» ${message}`);
}

test('a file that uses much of the specification', () => {
  const text = `
name: shop
include: [{path: [a.yaml, b.yaml], env_file: x.env}, c.yaml]
services:
  web:
    build: {context: ., args: [A=1], ssh: [default], cache_from: [x], platforms: [linux/amd64], provenance: mode=max}
    command: ["a", "b"]
    depends_on: {db: {condition: service_healthy, restart: true}}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64m}, reservations: {devices: [{capabilities: [gpu]}]}}}
    develop: {watch: [{path: ., action: sync+exec, target: /x, exec: {command: y}}]}
    environment: {A: 1, B: true, C: null}
    ports: [80, "80:80", {target: 80, published: "8080"}]
    volumes: ["a:/b", {type: bind, source: ., target: /c, bind: {selinux: z}}]
    networks: {front: {aliases: [x]}, back: }
    ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}
    x-mine: [1]
  db: {image: a, gpus: all, extra_hosts: {a: 1.2.3.4}, blkio_config: {weight: 10}}
networks: {front: {ipam: {config: [{subnet: 10.0.0.0/8}]}}, back: }
volumes: {a: {external: true}}
secrets: {s: {file: x}}
configs: {c: {content: y}}
x-other: {}
`;
  assert.deepEqual(problems(text), []);
});

test('places and messages', () => {
  assert.deepEqual(problems('services: {web: {image: a, prots: []}}'), [
    "unknown-key «prots» unknown property 'prots' in services.web (did you mean 'ports'?)",
  ]);
  assert.deepEqual(problems('services: {web: {image: {}, tty: 1, dns: 5}}'), [
    'wrong-type «{}» services.web.image must be a string',
    'wrong-type «1» services.web.tty must be a boolean or a string',
    'wrong-type «5» services.web.dns must be a string or a list',
  ]);
  assert.deepEqual(problems('services:\n  web:\n'), ['wrong-type «web» services.web must be a mapping']);
  assert.deepEqual(problems('services: {a: {volumes: [{type: disk, target: /x}]}}'), [
    "wrong-value «disk» services.a.volumes[0].type must be one of 'bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'",
  ]);
});

test('the values that a schema allows', () => {
  const schema: Schema = { kind: 'choice', options: [{ kind: 'null' }, { kind: 'string', values: ['a', 'b'] }] };
  assert.deepEqual(allowedValues(schema), ['a', 'b']);
  assert.deepEqual(problems('c', schema), ["wrong-value «c»  must be one of 'a', 'b'"]);
});

test('aliases in circles end', () => {
  assert.ok(Array.isArray(problems('services: &s\n  a: *s\n')));
});
