import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EngineError } from './errors.ts';
import { readCreateBody, readExecBody, readExecStartBody, readUpdateBody } from './create-request.ts';

test('a body falls into Config, HostConfig and endpoints', () => {
  const body = {
    Image: 'busybox',
    Cmd: 'one',
    Env: null,
    Unknown: 1,
    HostConfig: { Memory: 5, PortBindings: { '80/tcp': null, '81/tcp': [{ HostPort: '8081' }] } },
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['a'], MacAddress: null }, back: {} } },
  };
  assert.deepEqual(readCreateBody(body), {
    config: { Image: 'busybox', Cmd: ['one'] },
    hostConfig: { Memory: 5, PortBindings: { '80/tcp': null, '81/tcp': [{ HostPort: '8081' }] } },
    endpoints: { front: { Aliases: ['a'] }, back: {} },
  });
  assert.deepEqual(readCreateBody({ Labels: { a: null }, Volumes: { '/v': null }, Shell: 'sh' }).config, {
    Labels: { a: '' },
    Volumes: { '/v': {} },
    Shell: ['sh'],
  });
  assert.deepEqual(readCreateBody({}), { config: {}, hostConfig: {}, endpoints: {} });
});

test('names match in any case, as in Go', () => {
  assert.deepEqual(readCreateBody({ image: 'x', hostconfig: { autoremove: true } }), {
    config: { Image: 'x' },
    hostConfig: { AutoRemove: true },
    endpoints: {},
  });
});

test('wrong types are refused in the words of Go', () => {
  const cases: readonly (readonly [body: unknown, message: string])[] = [
    [{ Env: 'x' }, 'json: cannot unmarshal string into Go struct field .Env of type []string'],
    [{ Tty: 'x' }, 'json: cannot unmarshal string into Go struct field .Tty of type bool'],
    [
      { HostConfig: { Memory: '1g' } },
      'json: cannot unmarshal string into Go struct field .HostConfig.Memory of type int64',
    ],
    [{ Cmd: 5 }, 'json: cannot unmarshal number into Go value of type string'],
    [{ Entrypoint: ['a', 5] }, 'json: cannot unmarshal array into Go value of type string'],
    [{ Labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field .Labels.a of type string'],
    [
      { ExposedPorts: { '80/tcp': 1 } },
      'json: cannot unmarshal number into Go struct field .ExposedPorts.80~1tcp of type struct {}',
    ],
    [
      { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: 80 }] } } },
      'json: cannot unmarshal number into Go struct field .HostConfig.PortBindings.80~1tcp.0.HostPort of type string',
    ],
    [
      { HostConfig: { DeviceRequests: [{ Capabilities: [['a', 5]] }] } },
      'json: cannot unmarshal number into .HostConfig.DeviceRequests.0.Capabilities.0.1 of type string',
    ],
    [
      { NetworkingConfig: { EndpointsConfig: 5 } },
      'json: cannot unmarshal number into Go struct field .NetworkingConfig.EndpointsConfig of type map[string]*network.EndpointSettings',
    ],
    [
      { Healthcheck: { Interval: 'x' } },
      'json: cannot unmarshal string into Go struct field .Healthcheck.Interval of type time.Duration',
    ],
    [
      { HostConfig: { BlkioWeight: 70_000 } },
      'json: cannot unmarshal number 70000 into Go struct field .HostConfig.BlkioWeight of type uint16',
    ],
    [
      { HostConfig: { Memory: 2 ** 64 } },
      'json: cannot unmarshal number 18446744073709552000 into Go struct field .HostConfig.Memory of type int64',
    ],
    [{ HostConfig: { Binds: [[]] } }, 'json: cannot unmarshal array into .HostConfig.Binds.0 of type string'],
    [[], 'json: cannot unmarshal array into Go value of type container.CreateRequest'],
    ['x', 'json: cannot unmarshal string into Go value of type container.CreateRequest'],
  ];
  for (const [body, message] of cases) {
    assert.throws(() => readCreateBody(body), { code: 'invalid', message: `invalid JSON: ${message}` });
  }
});

test('bodies of update and exec', () => {
  const refused = (read: () => unknown, message: string): void =>
    assert.throws(read, { code: 'invalid', message: `invalid JSON: json: cannot unmarshal ${message}` });
  refused(() => readExecBody({ Cmd: 'ls' }), 'string into Go struct field ExecOptions.Cmd of type []string');
  refused(() => readExecStartBody({ Tty: 1 }), 'number into Go struct field ExecStartOptions.Tty of type bool');
  refused(() => readUpdateBody({ Memory: '1' }), 'string into Go struct field UpdateConfig.Memory of type int64');
  assert.deepEqual(readExecBody({ Env: ['a', null] }), { Env: ['a', ''] });
  assert.deepEqual(readUpdateBody({ Memory: 5, Binds: ['x'], RestartPolicy: { Name: 'always' } }), {
    Memory: 5,
    RestartPolicy: { Name: 'always' },
  });
  assert.deepEqual(readExecBody({ Cmd: ['a'], Tty: true, ConsoleSize: [24, 80] }), {
    Cmd: ['a'],
    Tty: true,
    ConsoleSize: [24, 80],
  });
  assert.deepEqual(readExecStartBody({ Detach: true, x: 1 }), { Detach: true });
});

test('no JSON value, however odd, gives anything but a request or an EngineError', () => {
  const names = fc.constantFrom(
    'Image',
    'Cmd',
    'Env',
    'HostConfig',
    'Binds',
    'Mounts',
    '__proto__',
    'constructor',
    'x',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      tie('object'),
    ),
    object: fc.dictionary(names, tie('value')),
  }));
  fc.assert(
    fc.property(value, (body) => {
      try {
        const { config, hostConfig } = readCreateBody(body);
        assert.ok(typeof config === 'object' && typeof hostConfig === 'object');
        assert.equal(Object.getPrototypeOf(config), Object.prototype);
      } catch (error) {
        assert.ok(error instanceof EngineError, String(error));
      }
    }),
  );
});
