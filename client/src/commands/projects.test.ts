import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { fakeUi, type FakeUi } from '../views/fake-ui.ts';
import { fakeEngine } from './fake-engine.ts';
import { startGroups } from './project-order.ts';
import { projectCommands } from './projects.ts';

function member(service: string, state: string, depends = '', project = 'shop'): ContainerSummary {
  const label = (name: string, value: string): Record<string, string> => ({ [`com.docker.compose.${name}`]: value });
  const Labels = { ...label('project', project), ...label('service', service), ...label('depends_on', depends) };
  const State = state as ContainerSummary['State'];
  return { Id: service, Names: [`/${project}-${service}-1`], State, Labels } as ContainerSummary;
}

const containers = [
  member('web', 'running', 'api:service_healthy:true'),
  member('api', 'running', 'db:service_healthy:true,cache:service_started:false'),
  member('db', 'exited'),
  member('cache', 'running'),
  member('other', 'running', '', 'blog'),
];
const shop = { key: 'p', kind: 'project', hostId: 'local', id: 'shop', label: 'shop', icon: '', context: 'project' };

async function run(id: string, ui: FakeUi, target?: unknown, answers = {}): Promise<string[]> {
  const engine = await fakeEngine(ui, { snapshot: { containers }, answers });
  await projectCommands.find((each) => each.id === id)?.handler(engine.deps, target);
  return engine.calls.map((call) => call.replace('local: ', ''));
}

test('what others depend on comes first; a circle comes last; a service that is not there is not waited for', () => {
  const names = (members: ContainerSummary[]): string[][] =>
    startGroups(members).map((group) => group.map(({ Id = '' }) => Id));
  assert.deepEqual(names(containers.slice(0, 4)), [['db', 'cache'], ['api'], ['web']]);
  assert.deepEqual(names([member('a', '', 'b:service_started:true'), member('b', '', 'a:x:true'), member('c', '')]), [
    ['c'],
    ['a', 'b'],
  ]);
  assert.deepEqual(names([member('a', '', 'gone:service_started:true')]), [['a']]);
  assert.deepEqual(names([]), []);
});

test('a project is started in order and stopped in the opposite one, only what concerns it', async () => {
  assert.deepEqual(await run('slipway.startProject', fakeUi(), shop), ['POST /containers/db/start']);
  assert.deepEqual(await run('slipway.stopProject', fakeUi(), shop), [
    'POST /containers/web/stop',
    'POST /containers/api/stop',
    'POST /containers/cache/stop',
  ]);
  assert.deepEqual(
    (await run('slipway.restartProject', fakeUi(), shop)).map((call) => call.split('/')[2]),
    ['db', 'cache', 'api', 'web'],
  );
});

test('from the palette one is picked', async () => {
  const ui = fakeUi('blog');
  assert.deepEqual(await run('slipway.stopProject', ui), ['POST /containers/other/stop']);
  assert.deepEqual(ui.shown, ['pick: Stop Project: shop, blog']);
});

test('removing asks, and takes the networks of the project with it', async () => {
  assert.deepEqual(await run('slipway.removeProject', fakeUi(false), shop), []);
  const answers = { 'GET /networks': [{ Id: 'n1' }] };
  const calls = await run('slipway.removeProject', fakeUi(true), shop, answers);
  assert.deepEqual(
    calls.map((call) => call.replace(/\?.*/, '')),
    [
      'DELETE /containers/web',
      'DELETE /containers/api',
      'DELETE /containers/db',
      'DELETE /containers/cache',
      'GET /networks',
      'DELETE /networks/n1',
    ],
  );
});

test('the logs of all its services come in one terminal', async () => {
  const ui = fakeUi();
  await run('slipway.showProjectLogs', ui, shop);
  assert.deepEqual(ui.shown, ['terminal: Logs: shop']);
});
