import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildKitFixture, postBuild } from './session-build.fixture.ts';

test("the query is the frontend's options; progress and the image's id are messages", async () => {
  const kit = buildKitFixture({ 'containerimage.config.digest': 'sha256:1' });
  const { status, messages } = await postBuild(kit, {
    version: '2',
    session: 's',
    buildid: 'b',
    remote: 'client-session',
    dockerfile: 'D',
    t: 'name:1',
    target: 'end',
    nocache: '1',
    buildargs: '{"A":"1","none":null}',
    labels: '{"l":"v"}',
    extrahosts: 'h:1.2.3.4',
    shmsize: '64',
    ulimits: '[{"Name":"nofile","Soft":1,"Hard":2}]',
    networkmode: 'none',
    cachefrom: '["old"]',
  });
  assert.equal(status, 200);
  assert.deepEqual(messages, [
    { id: 'moby.buildkit.trace', aux: Buffer.from('told of b').toString('base64') },
    { id: 'moby.image.id', aux: { ID: 'sha256:1' } },
  ]);
  assert.deepEqual(kit.asked, [
    {
      Ref: 'b',
      Session: 's',
      Frontend: 'dockerfile.v0',
      Entitlements: ['network.host'],
      FrontendAttrs: {
        filename: 'D',
        target: 'end',
        'no-cache': '',
        'image-resolve-mode': 'local',
        'force-network-mode': 'none',
        'add-hosts': 'h=1.2.3.4',
        'shm-size': '64',
        ulimit: 'nofile=1:2',
        'cache-imports': '[{"Type":"registry","Attrs":{"ref":"old"}}]',
        'build-arg:A': '1',
        'label:l': 'v',
      },
      Exporters: [{ Type: 'moby', Attrs: { name: 'name:1' } }],
    },
  ]);
});

test('outputs, other contexts, uploads', async () => {
  const kit = buildKitFixture({});
  const common = { version: '2', session: 's', buildid: 'b' };
  await postBuild(kit, {
    ...common,
    outputs: '[{"Type":"local","Attrs":{"dest":"x"}}]',
    t: 'n',
    remote: 'upload-request',
  });
  await postBuild(kit, { ...common, remote: 'https://x/y.git' });
  await postBuild(kit, { version: '2', buildid: 'upload-request:b' }, 'the context');
  assert.deepEqual(kit.asked[0]?.Exporters, [{ Type: 'local', Attrs: { dest: 'x' } }]);
  assert.equal(kit.asked[0]?.FrontendAttrs?.['context'], 'upload-request:b');
  assert.equal(kit.asked[1]?.FrontendAttrs?.['context'], 'https://x/y.git');
  assert.deepEqual(kit.uploads, [['upload-request:b', 'the context']]);
});

test('what is malformed is refused; a failure is a message', async () => {
  const refused = async (query: Record<string, string>) => (await postBuild(buildKitFixture({}), query)).status;
  assert.equal(await refused({ version: '2', session: 's', outputs: '{' }), 400);
  assert.equal(await refused({ version: '2', session: 's', outputs: '[1]' }), 400);
  const failing = buildKitFixture(new Error('process failed'));
  const { messages } = await postBuild(failing, { version: '2', session: 's', buildid: 'b' });
  assert.deepEqual(messages.at(-1), { errorDetail: { message: 'process failed' }, error: 'process failed' });
});
