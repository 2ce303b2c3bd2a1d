import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDevContainer } from './parse.ts';

/** `line:column severity message` of every problem. */
function problems(text: string): string[] {
  return parseDevContainer(text).problems.map(({ line, column, severity, message }) => {
    return `${line}:${column} ${severity} ${message}`;
  });
}

test('a complete configuration with comments and trailing commas', () => {
  const text = `// For format details, see https://aka.ms/devcontainer.json
{
  "name": "api", /* inline */
  "build": { "dockerfile": "Dockerfile", "context": "..", "args": { "V": "1" }, "cacheFrom": "x" },
  "forwardPorts": [3000, "db:5432"],
  "postCreateCommand": { "a": "npm ci", "b": ["npm", "run", "x"] },
  "mounts": ["source=x,target=/x,type=volume", { "type": "bind", "source": "/a", "target": "/b" }],
  "customizations": { "vscode": { "extensions": ["a.b"], "settings": { "x": 1 } } },
  "remoteEnv": { "A": "b", "C": null },
}`;
  const { config, problems } = parseDevContainer(text);
  assert.deepEqual(problems, []);
  assert.equal(config?.name, 'api');
  assert.deepEqual(config?.build?.args, { V: '1' });
  assert.deepEqual(config?.postCreateCommand, { a: 'npm ci', b: ['npm', 'run', 'x'] });
});

test('broken JSON is told with its place', () => {
  assert.deepEqual(problems('{\n  "image": "node",\n  "name" "x"\n}'), [
    '3:10 error invalid JSON: a colon is expected',
  ]);
  assert.deepEqual(problems("{\n  'image': 'node'\n}").slice(0, 1), [
    '2:3 error invalid JSON: this is no JSON value: strings need double quotes',
  ]);
  assert.match(problems('{ "image": "node"')[0] ?? '', /closing brace is missing/);
  assert.match(problems('')[0] ?? '', /a value is expected/);
  assert.match(problems('[]')[0] ?? '', /must hold an object/);
});

test('wrong types are told with their place and what is expected', () => {
  const text = `{
  "image": 5,
  "forwardPorts": [3000, 99999, "nonsense port"],
  "runArgs": "--init",
  "waitFor": "never",
  "postCreateCommand": 7,
  "mounts": ["source=x", { "type": "bind" }],
  "build": { "dockerFile": "x" }
}`;
  assert.deepEqual(problems(text), [
    '2:12 error image must be a string, not a number',
    '3:26 error forwardPorts[1] must be a port number from 0 to 65535',
    '3:33 error forwardPorts[2] must be a port number or "host:port"',
    '4:14 error runArgs must be an array, not a string',
    '5:14 error waitFor must be one of "initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand"',
    '6:24 error postCreateCommand must be a string, an array of strings or an object of them, not a number',
    '7:14 error mounts[0] needs target=PATH',
    '7:26 error mounts[1] needs "target"',
    '8:12 error build needs "dockerfile"',
    '8:12 error "build" and "image" exclude each other',
    '8:14 error build.dockerFile is not known; known are dockerfile, context, args, target, cacheFrom, options',
  ]);
});

test('an unknown property is a warning with a suggestion, and the rest is used', () => {
  const { config, problems } = parseDevContainer('{ "image": "node", "postCreateCommmand": "x", "zzz": 1 }');
  assert.deepEqual(
    problems.map(({ severity, message }) => [severity, message]),
    [
      ['warning', 'postCreateCommmand is not a property of devcontainer.json: did you mean postCreateCommand?'],
      ['warning', 'zzz is not a property of devcontainer.json'],
    ],
  );
  assert.equal(config?.image, 'node');
});

test('what has no effect is a warning', () => {
  const heeded = problems(
    '{"image": "x", "shutdownAction": "none", "portsAttributes": {"1": {"onAutoForward": "notify"}}}',
  );
  assert.deepEqual(heeded, []);
  const text = `{ "image": "x", "shutdownAction": "stopContainer", "hostRequirements": { "cpus": 4 },
"otherPortsAttributes": {}, "secrets": {}, "portsAttributes": { "1": { "onAutoForward": "openBrowser" } } }`;
  const said = problems(text);
  assert.equal(said.length, 5);
  assert.ok(
    said.every((one) => /^[12]:\d+ warning \w+ has no effect: /.test(one)),
    said.join('\n'),
  );
});

test('what is not supported yet is refused, not ignored', () => {
  assert.match(
    problems('{ "image": "x", "features": { "ghcr.io/a/b:1": {} } }')[0] ?? '',
    /1:29 error Features are not yet/,
  );
  assert.match(problems('{ "dockerComposeFile": "compose.yaml", "service": "a" }')[0] ?? '', /not yet supported/);
  assert.deepEqual(problems('{ "image": "x", "features": {} }'), []);
});

test('a source is needed, and what belongs together', () => {
  assert.match(problems('{ "name": "x" }')[0] ?? '', /one of "image", "build" and "dockerComposeFile" is needed/);
  assert.match(problems('{ "image": "x", "workspaceMount": "" }')[0] ?? '', /needs "workspaceFolder"/);
  assert.match(problems('{ "image": "x", "workspaceFolder": "app" }')[0] ?? '', /absolute path/);
  assert.deepEqual(problems('{ "image": "x", "workspaceFolder": "${localWorkspaceFolder}" }'), []);
});

test('later problems find their place', () => {
  const parsed = parseDevContainer('{\n  "image": "x",\n  "runArgs": ["--init", "--foo"]\n}');
  const at = ({ line, column }: { line: number; column: number }): string => `${line}:${column}`;
  assert.equal(at(parsed.problemAt(['runArgs', 1], 'x')), '3:25');
  assert.equal(at(parsed.problemAt(['runArgs', 7], 'x')), '3:14');
  assert.equal(at(parsed.problemAt(['missing'], 'x')), '1:1');
});

test('no text makes it throw, and a config comes only without errors', () => {
  const fragments = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"image"',
    '"build"',
    '"x"',
    '1',
    'null',
    'true',
    '//',
    '\n',
    '/*',
    '"',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...fragments)), (parts) => {
      const { config, problems } = parseDevContainer(parts.join(' '));
      assert.equal(
        config === undefined,
        problems.some(({ severity }) => severity === 'error'),
      );
    }),
  );
});
