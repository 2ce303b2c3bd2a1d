import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '#model/text/edit.ts';
import { complete } from './completion.ts';
import { composeAt } from './document-check.ts';

function labels(marked: string, files?: Record<string, string>): string[] {
  const { document, offset } = composeAt(marked, files);
  return complete(document, offset).map(({ label }) => label);
}

function chosen(marked: string, label: string, files?: Record<string, string>): string {
  const { document, offset } = composeAt(marked, files);
  const item = complete(document, offset).find((one) => one.label === label);
  assert.ok(item, `${label} is offered`);
  return applyEdits(document.text, [{ span: item.span, text: item.text }]);
}

test('keys of the specification that are not there yet', () => {
  const top = labels('|');
  assert.ok(top.includes('services') && top.includes('volumes') && !top.includes('version'));
  const service = labels('services:\n  web:\n    image: a\n    |');
  assert.ok(service.includes('ports') && service.includes('healthcheck') && !service.includes('image'));
  assert.ok(labels('services:\n  web:\n    healthcheck:\n      |').includes('interval'));
  assert.ok(labels('services:\n  web:\n    ports:\n      - target: 80\n        |').includes('published'));
  assert.deepEqual(labels('services:\n  |'), [], 'names are the author’s');
});

test('what a key is followed by', () => {
  assert.equal(chosen('serv|', 'services'), 'services:\n  $0');
  assert.equal(chosen('services:\n  web:\n    im|', 'image'), 'services:\n  web:\n    image: $0');
  assert.equal(chosen('services:\n  web:\n    por|', 'ports'), 'services:\n  web:\n    ports:\n  - $0');
});

test('below a dash', () => {
  const list = 'services:\n  web:\n    volumes:\n';
  assert.equal(chosen(`${list}      - bi|`, 'bind'), `${list}      - bind:\n    $0`, 'deeper than the dash is');
  assert.equal(
    chosen(`${list}      - type: bind\n        |`, 'bind'),
    `${list}      - type: bind\n        bind:\n  $0`,
  );
  assert.equal(chosen(`${list}      |`, 'type'), `${list}      - type: $0`, 'the dash comes with the first item');
  assert.deepEqual(labels('include:\n  - path: x\n    |', { '/project/x': '' }), ['env_file', 'project_directory']);
  assert.deepEqual(labels('include:\n  - "|"', { '/project/x': '' }), ['x'], 'no keys in quotes');
});

test('values', () => {
  assert.deepEqual(labels('services:\n  web:\n    tty: |'), ['true', 'false']);
  assert.ok(labels('services:\n  web:\n    restart: |').includes('unless-stopped'));
  const conditions = labels('services:\n  web:\n    depends_on:\n      db:\n        condition: |');
  assert.deepEqual(conditions, ['service_started', 'service_healthy', 'service_completed_successfully']);
});

test('names of what is defined', () => {
  const rest = '\n  db:\n    image: a\nnetworks:\n  front:\nvolumes:\n  data:\nsecrets:\n  key:\n';
  assert.deepEqual(labels(`services:\n  web:\n    depends_on:\n      - |${rest}`), ['db']);
  assert.deepEqual(labels(`services:\n  web:\n    depends_on: [|${rest}`), ['db']);
  assert.deepEqual(labels(`services:\n  web:\n    networks:\n      - |${rest}`), ['front', 'default']);
  assert.deepEqual(labels(`services:\n  web:\n    secrets:\n      - |${rest}`), [
    'source',
    'target',
    'uid',
    'gid',
    'mode',
    'key',
  ]);
  assert.ok(labels(`services:\n  web:\n    volumes:\n      - |${rest}`).includes('data'));
  assert.ok(labels(`services:\n  web:\n    network_mode: |${rest}`).includes('service:db'));
  assert.equal(
    chosen(`services:\n  web:\n    volumes:\n      - da|${rest}`, 'data'),
    `services:\n  web:\n    volumes:\n      - data:${rest}`,
  );
});

test('files, and stages of the Dockerfile', () => {
  const files = {
    '/project/app/Dockerfile': 'FROM a AS dev\nFROM b AS prod',
    '/project/web.env': '',
    '/project/app/x.env': '',
  };
  assert.deepEqual(labels('services:\n  web:\n    env_file: |', files), ['app/', 'web.env']);
  assert.deepEqual(labels('services:\n  web:\n    env_file: app/|', files), ['Dockerfile', 'x.env']);
  assert.deepEqual(labels('services:\n  web:\n    build:\n      context: app\n      dockerfile: |', files), [
    'Dockerfile',
    'x.env',
  ]);
  assert.deepEqual(labels('services:\n  web:\n    build:\n      context: app\n      target: |', files), [
    'dev',
    'prod',
  ]);
  assert.ok(labels('services:\n  web:\n    volumes:\n      - ./|', files).includes('app/'));
});

test('folders where only they can be, hidden files where they are usual', () => {
  const files = { '/project/app/x': '', '/project/.env': '', '/project/a.yaml': '' };
  const service = (body: string): string[] => labels(`services:\n  web:\n    ${body}`, files);
  assert.deepEqual(service('build: |'), ['app/']);
  assert.deepEqual(service('build:\n      context: |'), ['app/']);
  assert.deepEqual(service('env_file: |'), ['app/', '.env', 'a.yaml']);
  assert.deepEqual(service('label_file:\n      - |'), ['app/', '.env', 'a.yaml']);
  assert.deepEqual(labels('secrets:\n  a:\n    file: |', files), ['app/', '.env', 'a.yaml']);
  assert.deepEqual(labels('include:\n  - path:\n      - |', files), ['app/', 'a.yaml']);
  assert.deepEqual(labels('include:\n  - path: a.yaml\n    project_directory: |', files), ['app/']);
});

test('the last part of short forms', () => {
  const list = (key: string, item: string): string => `services:\n  a:\n    ${key}:\n      - ${item}`;
  for (const volume of ['x:/y:|', './x:/y:r|', '"/x:/y:ro,|"']) {
    assert.deepEqual(labels(list('volumes', volume)).slice(0, 4), ['ro', 'rw', 'z', 'Z'], volume);
  }
  assert.equal(chosen(list('volumes', 'x:/y:r|'), 'ro'), list('volumes', 'x:/y:ro'));
  assert.equal(chosen(list('volumes', '"x:/y:ro,|"'), 'z'), list('volumes', '"x:/y:ro,z"'));
  assert.deepEqual(labels(list('volumes', '/x:|')), [], 'paths in the container are not known');
  assert.deepEqual(labels(list('ports', '80:80/|')), ['tcp', 'udp']);
  assert.deepEqual(labels(list('ports', '"127.0.0.1:80:80/u|"')), ['tcp', 'udp']);
  assert.deepEqual(labels(list('ports', '80:|')), []);
});

test('the source of a mount, by its type', () => {
  const sources = (type: string): string[] =>
    labels(`volumes:\n  data:\nservices:\n  a:\n    volumes:\n      - ${type}\n        source: |`, {
      '/project/x': '',
    });
  assert.deepEqual(sources('type: bind'), ['./', './x']);
  assert.deepEqual(sources('type: volume'), ['data']);
  assert.deepEqual(sources('target: /a'), ['data', './', './x']);
});

test('anchors, services of an extended file, folders of a bind mount', () => {
  assert.deepEqual(labels('x: &one {}\nb: &two {}\nservices:\n  a:\n    <<: *|'), ['one', 'two']);
  assert.deepEqual(labels('x: &one {}\nservices:\n  a:\n    <<: [*o|'), ['one']);
  assert.deepEqual(labels('services:\n  a:\n    command: echo a*|'), []);
  assert.deepEqual(labels('x: &one {}\nservices:\n  a:\n    <<: |'), ['*one']);
  assert.equal(chosen('x: &one {}\nb:\n  <<: [|]', '*one'), 'x: &one {}\nb:\n  <<: [*one]');
  const files = { '/project/base.yaml': 'services: {b: {}, c: {}}', '/project/src/x': '' };
  assert.deepEqual(labels('services:\n  a:\n    extends:\n      file: base.yaml\n      service: |', files), ['b', 'c']);
  const bound = labels('services:\n  a:\n    volumes:\n      - |', files).filter((label) => label.startsWith('./'));
  assert.deepEqual(bound, ['./', './base.yaml', './src/']);
  const below = labels('services:\n  a:\n    volumes:\n      - ./|', files);
  assert.ok(below.includes('base.yaml') && below.includes('src/'));
});

test('variables', () => {
  const files = { '/project/.env': 'TAG=1\n' };
  assert.deepEqual(labels('services:\n  web:\n    image: a:${|', files), ['TAG']);
  assert.equal(chosen('services:\n  web:\n    image: a:${T|', 'TAG', files), 'services:\n  web:\n    image: a:${TAG}');
  assert.ok(!labels('services:\n  web:\n    command: $$|', files).includes('TAG'));
});
