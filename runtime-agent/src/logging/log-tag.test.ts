import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTag } from './log-tag.ts';
import { sampleLogged } from './logged-container.sample.ts';

const tag = (text: string, more: Record<string, string> = {}): string => logTag(sampleLogged({ tag: text, ...more }));

test('the fields that Docker documents', () => {
  assert.equal(logTag(sampleLogged()), 'a2dcb6f7a5f9');
  assert.equal(
    tag('{{.Name}}/{{.ID}}/{{.ImageName}}/{{ .ImageID }}/{{.DaemonName}}/{{.Command}}'),
    // As dockerd 28.5 printed it.
    'web/a2dcb6f7a5f9/busybox/sha256:95f7e/docker/sh -c echo hi',
  );
  assert.match(tag('{{.FullID}} {{.ImageFullID}}'), /^a2dcb6f7a5f9\w{52} sha256:95f7e2312d/);
});

test('functions, pipes and attributes', () => {
  assert.equal(tag('{{upper .Name}}-{{.Name | upper | lower}}'), 'WEB-web');
  assert.equal(tag('{{truncate .ID 4}}{{json .Name}}{{index .ContainerLabels "com.x"}}'), 'a2dc"web"lbl');
  assert.equal(tag('{{(.ExtraAttributes nil).FOO}}', { env: 'FOO' }), 'bar');
  assert.equal(tag('{{join (split .Name "e") "-"}}'), 'w-b');
});

test('mistakes are told with their place', () => {
  assert.throws(() => tag('{{.Nope}}'), {
    code: 'invalid',
    message: `template: log-tag:1: executing "log-tag" at <.Nope>: can't evaluate field Nope in type *logger.Info`,
  });
  assert.throws(() => tag('{{.Name'), { message: /unclosed action/ });
  assert.throws(() => tag('{{nope .Name}}'), { message: /function "nope" not defined/ });
  assert.throws(() => tag('{{}}'), { message: /missing value/ });
  assert.throws(() => tag('{{.Name ~}}'), { message: /unexpected/ });
});
