import assert from 'node:assert/strict';
import { test } from 'node:test';
import { platformParameter, platformParameters } from './platform-parameter.ts';

const query = (...platforms: string[]): URLSearchParams =>
  new URLSearchParams(platforms.map((text): [string, string] => ['platform', text]));

test('platforms come as JSON, once or several times', () => {
  assert.equal(platformParameter(query()), undefined);
  assert.equal(platformParameter(query('')), undefined);
  const arm = '{"os":"linux","architecture":"arm","variant":"v6"}';
  assert.deepEqual(platformParameter(query(arm)), { os: 'linux', architecture: 'arm', variant: 'v6' });
  const both = query(arm, '{"os":"Linux","architecture":"x86_64"}');
  assert.deepEqual(platformParameters(both, 'platform').at(1), { os: 'linux', architecture: 'amd64' });
});

test('what is no platform is refused, and says why', () => {
  assert.throws(() => platformParameter(query('linux/amd64')), {
    message: "failed to parse platform: invalid character 'l' looking for beginning of value",
  });
  for (const text of ['null', '[]', '{"os":"linux"}', '{"os":1,"architecture":"arm"}']) {
    assert.throws(() => platformParameter(query(text)), { message: 'both OS and Architecture must be provided' });
  }
});
