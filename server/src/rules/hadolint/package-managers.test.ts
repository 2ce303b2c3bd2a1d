import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { PACKAGE_MANAGERS } from './package-managers.ts';

const { reports, fixes } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = PACKAGE_MANAGERS.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

test('questions in a build', () => {
  const message = (command: string): string => `'${command}' asks before it goes on: add -y`;
  reports(
    rule('DL3014'),
    'FROM a\nRUN «apt-get» install curl && apt-get install -yq curl && apt-get -qq install x',
    message('apt-get install'),
  );
  reports(rule('DL3030'), 'FROM a\nRUN «yum» install curl\nRUN yum --assumeyes install curl', message('yum install'));
  reports(rule('DL3034'), 'FROM a\nRUN «zypper» in curl\nRUN zypper -n in curl', message('zypper in'));
  reports(rule('DL3038'), 'FROM a\nRUN «dnf» install curl\nRUN microdnf -y install curl', message('dnf install'));
  fixes(rule('DL3014'), 'FROM a\nRUN apt-get install curl', 'FROM a\nRUN apt-get install -y curl');
});

test('recommended packages, apt, dist-upgrade', () => {
  const recommended = 'recommended packages make the image larger: add --no-install-recommends';
  reports(
    rule('DL3015'),
    'FROM a\nRUN «apt-get» install -y x\nRUN apt-get install --no-install-recommends x',
    recommended,
  );
  const apt = 'the interface of apt changes without notice: use apt-get or apt-cache';
  reports(rule('DL3027'), 'FROM a\nRUN «apt» update && apt-cache show x', apt);
  fixes(
    rule('DL3027'),
    'FROM a\nRUN apt update && apt install -y x',
    'FROM a\nRUN apt-get update && apt-get install -y x',
  );
  reports(
    rule('DL3035'),
    'FROM a\nRUN «zypper» dup',
    'zypper dist-upgrade changes everything at once: use a newer base image',
  );
});

test('what stays in the layer', () => {
  const left = (program: string, advice: string): string =>
    `what '${program}' downloaded stays in the layer: ${advice}, or use a cache mount`;
  reports(
    rule('DL3009'),
    'FROM a\nRUN «apt-get» update && apt-get install -y x',
    left('apt-get', 'end with rm -rf /var/lib/apt/lists/*'),
  );
  reports(rule('DL3009'), 'FROM a\nRUN apt-get update && apt-get install x && rm -rf /var/lib/apt/lists/*');
  reports(rule('DL3009'), 'FROM a\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get update');
  reports(
    rule('DL3032'),
    'FROM a\nRUN «yum» install x\nRUN yum install x && yum clean all',
    left('yum', 'end with yum clean all'),
  );
  reports(
    rule('DL3036'),
    'FROM a\nRUN «zypper» in x\nRUN zypper in x && zypper cc',
    left('zypper', 'end with zypper clean'),
  );
  reports(
    rule('DL3040'),
    'FROM a\nRUN «dnf» install x\nRUN dnf install x && rm -rf /var/cache/dnf',
    left('dnf', 'end with dnf clean all'),
  );
  reports(
    rule('DL3060'),
    'FROM a\nRUN «yarn» install\nRUN yarn install && yarn cache clean',
    left('yarn', 'end with yarn cache clean'),
  );
});

test('layers of stages that do not end in the image are nobody’s concern', () => {
  reports(rule('DL3009'), 'FROM a AS b\nRUN apt-get update\nFROM c\nCOPY --from=b x y');
  reports(
    rule('DL3009'),
    'FROM a AS b\nRUN «apt-get» update\nFROM b',
    "what 'apt-get' downloaded stays in the layer: end with rm -rf /var/lib/apt/lists/*, or use a cache mount",
  );
});

test('apk and pip', () => {
  reports(rule('DL3019'), 'FROM a\nRUN «apk» add x', 'the package index stays in the layer: add --no-cache');
  reports(rule('DL3019'), 'FROM a\nRUN apk add --no-cache x\nRUN --mount=type=cache,target=/var/cache/apk apk add x');
  fixes(rule('DL3019'), 'FROM a\nRUN apk add x', 'FROM a\nRUN apk add --no-cache x');
  const pip = 'downloads stay in the layer: add --no-cache-dir, or use a cache mount on /root/.cache/pip';
  reports(rule('DL3042'), 'FROM a\nRUN «pip» install x && pip install --no-cache-dir y', pip);
  reports(rule('DL3042'), 'FROM a\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x');
  reports(rule('DL3042'), 'FROM a\nRUN --mount=type=cache,target=/root/.cache python -m pip install x');
});
