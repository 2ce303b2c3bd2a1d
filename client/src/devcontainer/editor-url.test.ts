import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EditorPlace, editorUrl } from './editor-url.ts';

const PLACE = { port: 4000, container: 'abcdef0123456789', folder: '/workspaces/My App', token: 't' };

async function urlOf(
  place: Partial<EditorPlace>,
  external = async (url: string): Promise<string> => url,
): Promise<URL> {
  return new URL(await editorUrl({ ...PLACE, ...place }, external));
}

test('each container has a host name of its own', async () => {
  const url = await urlOf({});
  assert.equal(url.host, 'my-app-abcdef01.localhost:4000');
  assert.equal(url.searchParams.get('folder'), '/workspaces/My App');
  assert.equal(url.searchParams.get('tkn'), 't');
  assert.equal((await urlOf({ container: '0123456789abcdef' })).hostname, 'my-app-01234567.localhost');
  assert.equal((await urlOf({ folder: '/' })).hostname, 'folder-abcdef01.localhost');
});

test('where the editor runs remotely, its way to the port is used', async () => {
  const url = await urlOf({}, async () => 'https://dev.example/proxy/4000/?a=b');
  assert.equal(url.href, 'https://dev.example/proxy/4000/?a=b&folder=%2Fworkspaces%2FMy+App&tkn=t');
});
