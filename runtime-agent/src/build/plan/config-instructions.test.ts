import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planConfig, planSteps } from './plan.fixture.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const after = async (lines: string, images = {}) => planConfig(`FROM base\n${lines}`, { images });
const lines = async (text: string) => (await planSteps(`FROM base\n${text}`)).map(({ createdBy }) => createdBy);

test('ENV sets, expands, and uses the values from before the instruction', async () => {
  const config = await after('ENV a=1 b="$a 2"\nENV a=2 c=$a\nENV long some value\nENV a=${a:-x}3');
  assert.deepEqual(config.Env, [PATH, 'a=23', 'b= 2', 'c=1', 'long=some value']);
  const base = await after('ENV PATH=$PATH:/x', { base: { Env: ['PATH=/bin', 'X=1'] } });
  assert.deepEqual(base.Env, ['PATH=/bin:/x', 'X=1']);
});

test('LABEL adds and replaces', async () => {
  const config = await after('LABEL a=1 "b c"="d $HOME"\nLABEL a=2', { base: { Labels: { z: '0' } } });
  assert.deepEqual(config.Labels, { z: '0', a: '2', 'b c': 'd ' });
});

test('CMD and ENTRYPOINT: shell and exec forms; an entrypoint drops the base image’s command', async () => {
  const base = { base: { Cmd: ['old'], Entrypoint: ['oldentry'], Shell: ['/bin/ash', '-c'] } };
  assert.deepEqual((await after('CMD a $b', base)).Cmd, ['/bin/ash', '-c', 'a $b']);
  assert.deepEqual((await after('CMD ["a","$b"]', base)).Cmd, ['a', '$b']);
  const entry = await after('ENTRYPOINT ["e"]', base);
  assert.deepEqual([entry.Entrypoint, entry.Cmd], [['e'], undefined]);
  const both = await after('CMD ["c"]\nENTRYPOINT ["e"]', base);
  assert.deepEqual([both.Entrypoint, both.Cmd], [['e'], ['c']]);
  assert.deepEqual((await after('ENTRYPOINT []', base)).Entrypoint, []);
  assert.deepEqual((await after('SHELL ["bash","-o","pipefail","-c"]\nCMD x')).Cmd, [
    'bash',
    '-o',
    'pipefail',
    '-c',
    'x',
  ]);
});

test('EXPOSE and VOLUME add to what the base has', async () => {
  const base = { base: { ExposedPorts: { '1/tcp': {} }, Volumes: { '/a': {} } } };
  const config = await after('ARG P="80 53/udp"\nARG V=/v\nEXPOSE $P 9000-9001\nVOLUME ["$V", "/w x"]', base);
  assert.deepEqual(Object.keys(config.ExposedPorts ?? {}), ['1/tcp', '80/tcp', '53/udp', '9000/tcp', '9001/tcp']);
  assert.deepEqual(Object.keys(config.Volumes ?? {}), ['/a', '/v', '/w x']);
});

test('HEALTHCHECK', async () => {
  const test = await after('HEALTHCHECK --interval=3s --retries=2 CMD curl x');
  assert.deepEqual(test.Healthcheck, { Test: ['CMD-SHELL', 'curl x'], Interval: 3e9, Retries: 2 });
  assert.deepEqual((await after('HEALTHCHECK CMD ["a"]')).Healthcheck, { Test: ['CMD', 'a'] });
  assert.deepEqual((await after('HEALTHCHECK NONE')).Healthcheck, { Test: ['NONE'] });
});

test('USER, STOPSIGNAL, SHELL, ONBUILD and MAINTAINER', async () => {
  const steps = await planSteps('FROM base\nARG U=me\nUSER $U:$U\nSTOPSIGNAL SIGUSR1\nONBUILD RUN $x\nMAINTAINER A B');
  const { config, author } = steps.at(-1) ?? assert.fail();
  assert.deepEqual([config.User, config.StopSignal, config.OnBuild, author], ['me:me', 'SIGUSR1', ['RUN $x'], 'A B']);
});

test("what is wrong is refused in BuildKit's words", async () => {
  const table: readonly (readonly [string, string])[] = [
    ['EXPOSE abc', 'invalid containerPort: abc'],
    ['EXPOSE 80/http', 'invalid port: "80/http": invalid proto: http'],
    ['EXPOSE 70000', 'invalid containerPort: 70000'],
    ['STOPSIGNAL foo', 'invalid signal: foo'],
    ['ENV a=${b', 'failed to process "${b": unsupported modifier (\uFFFD) in substitution'],
    ['ENV a=${b:?missing}', 'failed to process "${b:?missing}": b: missing'],
    ['VOLUME $nothing', 'VOLUME specified can not be an empty string'],
  ];
  for (const [line, message] of table) {
    const expected = { code: 'invalid', message };
    await assert.rejects(planSteps(`FROM base\n${line}`), expected, line);
  }
});

test("history lines are BuildKit's", async () => {
  const text = [
    'ARG X=1 Y',
    'ENV A=1 B="b c"',
    'LABEL x=y',
    'EXPOSE 80 9000-9001/udp',
    'VOLUME /v ["x"]',
    'USER me',
    'STOPSIGNAL SIGUSR1',
    'SHELL ["/bin/sh","-ec"]',
    'HEALTHCHECK --interval=3s --retries=3 CMD true',

    'MAINTAINER me',
    'ENTRYPOINT ["/bin/e","-x"]',
    'CMD a "c"',
    'WORKDIR /w',
  ];
  assert.deepEqual(await lines(text.join('\n')), [
    'ARG X=1 Y',
    'ENV A=1 B=b c',
    'LABEL x=y',
    'EXPOSE [80/tcp 9000/udp 9001/udp]',
    'VOLUME [/v [x]]',
    'USER me',
    'STOPSIGNAL SIGUSR1',
    'SHELL [/bin/sh -ec]',
    `HEALTHCHECK &{["CMD-SHELL" "true"] "3s" "0s" "0s" "0s" '\\x03'}`,

    'MAINTAINER me',
    'ENTRYPOINT ["/bin/e" "-x"]',
    'CMD ["/bin/sh" "-ec" "a \\"c\\""]',
    'WORKDIR /w',
  ]);
});
