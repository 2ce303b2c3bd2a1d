/** `docker build --squash`. History, comment and what is a layer are as Docker 28.5 with `"experimental": true` has them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { contextFolder, dockerBuild } from '../support/build-context.ts';
import { docker } from '../support/docker.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { builtBySlipway } from '../support/slipway-build.ts';

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine({ args: ['--experimental'] });
});
after(() => engine?.[Symbol.asyncDispose]());

const DOCKERFILE = `FROM busybox AS one
RUN mkdir -p /d/gone /opaque /swap && echo 1 >/d/f && echo 2 >/d/g && echo 3 >/opaque/old && echo 4 >/swap/in
FROM one
RUN rm /d/f /etc/passwd && mkdir /never && echo x >/never/seen && ln -s /etc /trap && rm -r /swap && ln -s /etc /swap
COPY f /x/
LABEL a=b
RUN rm -r /opaque /never /trap && mkdir /opaque /trap && echo n >/opaque/new && echo t >/trap/group && chmod 2750 /d
RUN rm /swap && mkdir /swap && echo s >/swap/hosts.allow && ln /x/f /x/hard && mkfifo /p && touch -d @1000 /d/g
RUN printf 'u' >"$(printf '/x/\\377')"
CMD ["x"]`;

/** Everything in an image but times of directories and the runtime's own files. */
async function filesOf(image: string): Promise<string> {
  const script = [
    'find / -xdev ! -path "/proc*" ! -path "/sys*" ! -path "/dev*" ! -path "/etc/hosts" ! -path "/etc/resolv.conf"',
    '! -path "/etc/hostname" -exec stat -c "%n %f %u %g %N" {} + | sort; find / -xdev -type f ! -path "/proc/*"',
    '! -path "/sys/*" ! -path "/etc/*" ! -path "/bin/*" -exec md5sum {} + -exec stat -c "%n %Y %h" {} + | sort',
  ];
  return (await docker(engine, 'run', '--rm', '--network=none', image, 'sh', '-c', script.join(' '))).stdout;
}
const inspect = async <T>(image: string, field: string): Promise<T> =>
  JSON.parse((await docker(engine, 'image', 'inspect', '--format', `{{json .${field}}}`, image)).stdout) as T;
const layersOf = (image: string): Promise<string[]> => inspect<string[]>(image, 'RootFS.Layers');
const historyOf = async (image: string): Promise<{ CreatedBy: string; Comment: string; Size: number }[]> =>
  (await engine.call('GET', `/images/${image}/history`)).json();

test('the layers of the last stage are one, with the same files, over those of what it starts from', async () => {
  using context = contextFolder({ Dockerfile: DOCKERFILE, f: 'content' });
  const plain = await dockerBuild(engine, context, '--tag', 'plain');
  assert.equal(plain.code, 0, plain.said);
  await dockerBuild(engine, context, '--target', 'one', '--tag', 'one');
  const { code, said } = await dockerBuild(engine, context, '--squash', '--tag', 'squashed');
  assert.equal(code, 0, said);
  const [below, layers] = [await layersOf('one'), await layersOf('squashed')];
  assert.deepEqual([layers.slice(0, -1), layers.length], [below, below.length + 1]);
  assert.equal(await filesOf('squashed'), await filesOf('plain'));
  const id = await inspect<string>('squashed', 'Id');
  assert.match(said, new RegExp(`Successfully built ${id.slice(7, 19)}`));
  const [merge, ...rest] = await historyOf('squashed');
  const before = await historyOf('plain');
  assert.deepEqual(
    rest.map(({ CreatedBy }) => CreatedBy),
    before.map(({ CreatedBy }) => CreatedBy),
  );
  assert.deepEqual(
    rest.map(({ Size }) => Size),
    before.map(({ Size }, i) => (i < 7 ? 0 : Size)),
  );
  assert.match(merge?.Comment ?? '', /^merge sha256:[0-9a-f]{64} to sha256:[0-9a-f]{64}$/);
  assert.deepEqual(await inspect('squashed', 'Config'), await inspect('plain', 'Config'));
});

test('what came and went is not in it; from scratch; nothing to squash', async () => {
  using context = contextFolder({ Dockerfile: 'FROM scratch\nCOPY f /a\nCOPY f /b', f: 'content' });
  assert.equal((await dockerBuild(engine, context, '--squash', '--tag', 'scratched')).code, 0);
  assert.equal((await layersOf('scratched')).length, 1);
  assert.match((await historyOf('scratched'))[0]?.Comment ?? '', /^create new from sha256:/);
  context.write({ Dockerfile: 'FROM busybox\nRUN head -c 3000000 /dev/zero >/big\nRUN rm /big && echo 1 >/small' });
  await builtBySlipway(engine, ['--squash', '--tag', 'small', context.path]);
  const [merged] = await historyOf('small');
  assert.equal(merged?.Size, 2);
  assert.ok(merged.Comment.endsWith(` to ${await inspect<string>('busybox', 'Id')}`), merged.Comment);
  context.write({ Dockerfile: 'FROM busybox\nENV a=1' });
  assert.equal((await dockerBuild(engine, context, '--squash', '--tag', 'none')).code, 0);
  assert.deepEqual(await layersOf('none'), await layersOf('busybox'));
});
