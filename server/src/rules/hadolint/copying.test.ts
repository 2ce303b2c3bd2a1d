import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { dockerfile } from '../rule-check.ts';
import { COPYING } from './copying.ts';

const { reports, fixes } = dockerfile();

function rule(id: string): DockerfileRule {
  const found = COPYING.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
}

test('ADD of plain files', () => {
  const message = 'ADD also unpacks and downloads: COPY says that neither is meant';
  reports(
    rule('DL3020'),
    'FROM a\n«ADD» src /app\nADD x.tar.gz /\nADD https://x/y /\nADD git@x:y /\n«ADD» $X /',
    message,
    message,
  );
  fixes(rule('DL3020'), 'from a\nadd --chown=1 b c', 'from a\ncopy --chown=1 b c');
});

test('several sources', () => {
  reports(
    rule('DL3021'),
    'FROM a\nCOPY a b «/c»',
    "several sources go to a folder: the destination '/c' must end with /",
  );
  reports(rule('DL3021'), 'FROM a\nADD a b «c»', "several sources go to a folder: the destination 'c' must end with /");
  reports(rule('DL3021'), 'FROM a\nCOPY a b c/\nCOPY a /b\nCOPY ["a", "b", "c/"]');
  fixes(rule('DL3021'), 'FROM a\nCOPY a b c\nCOPY ["a", "b", "c"]', 'FROM a\nCOPY a b c/\nCOPY ["a", "b", "c/"]');
});

test('archives that are unpacked later', () => {
  const message = "'x.tar.gz' is copied and then unpacked: ADD unpacks it in one step, without keeping the archive";
  reports(rule('DL3010'), 'FROM a\nCOPY «dist/x.tar.gz» /tmp/\nRUN tar -xzf /tmp/x.tar.gz', message);
  reports(rule('DL3010'), 'FROM a\nCOPY x.tar.gz /tmp/\nCOPY --from=b y.tar /\nRUN tar xf /y.tar');
});

test('relative destinations', () => {
  const message = "'.' is relative to the base image's directory: set WORKDIR before";
  reports(rule('DL3045'), 'FROM a\nCOPY x «.»\nWORKDIR /y\nCOPY x .', message);
  reports(rule('DL3045'), 'FROM a AS b\nWORKDIR /x\nFROM b\nCOPY c .\nFROM d\nCOPY x /y\nCOPY x $Z/y\nCOPY x C:\\y');
});

test('ENV that uses its own variables', () => {
  const message = "'APP_VERSION' is set by this ENV, but not before it: its old value is used";
  reports(rule('DL3044'), 'FROM a\nENV APP_VERSION=1 X=«$APP_VERSION»', message);
  reports(rule('DL3044'), 'FROM a\nENV APP_VERSION=1\nENV APP_VERSION=2 X=$APP_VERSION\nENV PATH=/x:$PATH');
});
