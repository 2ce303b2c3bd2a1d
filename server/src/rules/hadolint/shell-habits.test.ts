import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { SHELL_HABITS } from './shell-habits.ts';

const { reports, fixes } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = SHELL_HABITS.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

test('programs that do not suit a build', () => {
  const useless = "'ssh' makes no sense in a build: what it does is gone when the layer is done";
  reports(rule('DL3001'), 'FROM a\nRUN «ssh» x && apt-get install ssh', useless);
  reports(
    rule('DL3003'),
    'FROM a\nRUN «cd» /x && make\nRUN («cd» /x && make)',
    'cd is forgotten with the next instruction: use WORKDIR',
    'cd is forgotten with the next instruction: use WORKDIR',
  );
  const sudo = 'sudo behaves unexpectedly in builds: they run as root unless USER says otherwise';
  reports(rule('DL3004'), 'FROM a\nRUN «sudo» apt-get update', sudo);
  fixes(rule('DL3004'), 'FROM a\nRUN sudo make && sudo -u x y', 'FROM a\nRUN make && sudo -u x y');
  const link = 'replacing /bin/sh changes it for everything in the image: use SHELL';
  reports(rule('DL4005'), 'FROM a\nRUN «ln» -sf /bin/bash /bin/sh\nRUN ln -s /bin/bash /bin/x', link);
});

test('what sudo runs is looked at too', () => {
  const useless = "'service' makes no sense in a build: what it does is gone when the layer is done";
  reports(rule('DL3001'), 'FROM a\nRUN sudo -E «service» x start', useless);
});

test('useradd', () => {
  const message = 'with the high user id 1000000 useradd fills the layer with a huge sparse log: add --no-log-init';
  reports(rule('DL3046'), 'FROM a\nRUN «useradd» -u 1000000 x', message);
  reports(rule('DL3046'), 'FROM a\nRUN useradd -u 1000 x && useradd -l -u 1000000 y && useradd z');
  fixes(rule('DL3046'), 'FROM a\nRUN useradd --uid=1000000 x', 'FROM a\nRUN useradd --no-log-init --uid=1000000 x');
});

test('wget', () => {
  const message = 'the progress bar fills the log of the build: add --progress=dot:giga, -q or -nv';
  reports(rule('DL3047'), 'FROM a\nRUN «wget» https://x', message);
  reports(
    rule('DL3047'),
    'FROM a\nRUN wget -q https://x && wget -nv x && wget -O- --progress=dot:giga x && wget -qO- x',
  );
  reports(
    rule('DL4001'),
    'FROM a\nRUN curl x && «wget» y\nFROM b\nRUN wget z',
    "'curl' is used too: one of wget and curl is enough",
  );
});

test('consecutive RUNs', () => {
  const message = 'one RUN for both makes one layer: join them with &&';
  reports(rule('DL3059'), 'FROM a\nRUN b\n«RUN» c\nENV d=e\nRUN f', message);
  reports(rule('DL3059'), 'FROM a\nRUN b\nRUN --mount=type=ssh c\nRUN <<E\nd\nE\nRUN f');
});

test('pipes', () => {
  const message = "when 'curl' fails the build goes on: set -o pipefail before the pipe";
  reports(rule('DL4006'), 'FROM a\nRUN «curl» x | sh', message);
  reports(rule('DL4006'), 'FROM a\nRUN set -o pipefail && curl x | sh\nRUN a || b');
  reports(
    rule('DL4006'),
    'FROM a AS b\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl x | sh\nFROM b\nRUN curl x | sh',
  );
  reports(rule('DL4006'), 'FROM a\nSHELL ["pwsh", "-c"]\nRUN a | b\nFROM c\nRUN ["a", "|", "b"]');
  fixes(rule('DL4006'), 'FROM a\nRUN b | c', 'FROM a\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN b | c');
});
