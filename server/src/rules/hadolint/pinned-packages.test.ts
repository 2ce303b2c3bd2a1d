import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { PINNED_PACKAGES } from './pinned-packages.ts';

const { reports } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = PINNED_PACKAGES.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

function unpinned(id: string, marked: string, ...examples: [name: string, example: string][]): void {
  const messages = examples.map(
    ([name, example]) => `no version of '${name}': write ${example}, or it will be another one tomorrow`,
  );
  reports(rule(id), `FROM a\nRUN ${marked}`, ...messages);
}

test('apt-get', () => {
  unpinned('DL3008', 'apt-get update && apt-get install -y --no-install-recommends «curl» git=1.2', [
    'curl',
    'curl=<version>',
  ]);
  unpinned('DL3008', 'DEBIAN_FRONTEND=noninteractive apt-get -y install -t bookworm-backports \\\n  «curl»', [
    'curl',
    'curl=<version>',
  ]);
  unpinned('DL3008', 'apt-get install -y ./x.deb curl/stable && apt-get update && apt-get remove vim');
  unpinned('DL3008', '["apt-get", "install", «"curl"»]', ['curl', 'curl=<version>']);
});

test('in heredocs and substitutions', () => {
  unpinned('DL3008', '<<EOF\napt-get update\napt-get install -y «curl»\nEOF', ['curl', 'curl=<version>']);
  unpinned('DL3008', '<<EOF python3\napt-get install curl\nEOF');
  unpinned('DL3018', 'x=$(apk add «curl»)', ['curl', 'curl=<version>']);
});

test('pip', () => {
  unpinned('DL3013', 'pip install «flask» requests==2.0 "urllib3>=1,<2" x~=1.0', ['flask', 'flask==<version>']);
  unpinned('DL3013', 'python3 -m pip install --upgrade «pip»', ['pip', 'pip==<version>']);
  unpinned('DL3013', 'pip3 install -r requirements.txt && pip install . git+https://x/y@1 -i https://z a==1 -e ./b');
});

test('npm', () => {
  unpinned(
    'DL3016',
    'npm install -g «yarn» typescript@5 @scope/a@1 «@scope/b»',
    ['yarn', 'yarn@<version>'],
    ['@scope/b', '@scope/b@<version>'],
  );
  unpinned('DL3016', 'npm install && npm ci && npm i ./local https://x/y.tgz git+ssh://x#1');
});

test('apk, gem, yum, zypper, dnf', () => {
  unpinned('DL3018', 'apk add --no-cache --virtual .deps «curl» git=2.1 jq~=1.6 && apk del .deps', [
    'curl',
    'curl=<version>',
  ]);
  unpinned('DL3028', 'gem install «rails» bundler:2.0 && gem install rake -v 13', ['rails', 'rails:<version>']);
  unpinned('DL3033', 'yum install -y «httpd» httpd-2.4.6 --enablerepo x', ['httpd', 'httpd-<version>']);
  unpinned('DL3037', 'zypper install -y «httpd» nginx=1.2', ['httpd', 'httpd=<version>']);
  unpinned(
    'DL3041',
    'dnf install -y «httpd» httpd-2.4.6 nodejs:18 && microdnf install «tar»',
    ['httpd', 'httpd-<version>'],
    ['tar', 'tar-<version>'],
  );
});

test('go', () => {
  unpinned('DL3062', 'go install «example.com/x» example.com/y@v1 ./cmd/z', [
    'example.com/x',
    'example.com/x@<version>',
  ]);
  unpinned('DL3062', 'go install «example.com/x@latest»', ['example.com/x@latest', 'example.com/x@<version>']);
});

test('pecl', () => {
  unpinned(
    'UnpinnedPecl',
    'pecl install -f xdebug-3.4 «redis-beta» «pecl.php.net/apcu»',
    ['redis-beta', 'redis-<version>'],
    ['pecl.php.net/apcu', 'pecl.php.net/apcu-<version>'],
  );
  unpinned(
    'UnpinnedPecl',
    'pecl install ./redis.tgz package.xml https://example.com/x.tgz channel://pecl.php.net/http-4.2 && pecl run install x',
  );
});
