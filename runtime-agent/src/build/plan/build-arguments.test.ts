import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planConfig, planSteps, planText } from './plan.fixture.ts';

const env = async (text: string, args: Record<string, string> = {}): Promise<string[]> =>
  ((await planConfig(text, { args })).Env ?? []).filter((entry) => !entry.startsWith('PATH='));

test('a default holds unless a value is given', async () => {
  const text = 'FROM a\nARG x=1\nARG y\nENV r=$x-$y';
  assert.deepEqual(await env(text), ['r=1-']);
  assert.deepEqual(await env(text, { x: '2', y: '3' }), ['r=2-3']);
  assert.deepEqual(await env(text, { x: '' }), ['r=-']);
});

test('a global argument is seen in a stage only where it is declared again', async () => {
  assert.deepEqual(await env('ARG v=1\nFROM a\nENV r=$v'), ['r=']);
  assert.deepEqual(await env('ARG v=1\nFROM a\nARG v\nENV r=$v'), ['r=1']);
  assert.deepEqual(await env('ARG v=1\nFROM a\nARG v=2\nENV r=$v'), ['r=2']);
  assert.deepEqual(await env('ARG v=1\nFROM a\nARG v\nENV r=$v', { v: '3' }), ['r=3']);
});

test('global arguments are built from one another and name the base', async () => {
  const text = 'ARG v=1\nARG image=a:$v\nFROM $image AS x\nFROM x\nRUN true';
  assert.deepEqual((await planText(text)).fetched, ['a:1']);
  assert.deepEqual((await planText(text, { args: { v: '2' } })).fetched, ['a:2']);
  assert.deepEqual((await planText('ARG p=linux/arm64\nFROM --platform=$p a')).fetched, ['a for linux/arm64']);
});

test('of ENV and ARG of one name the later one counts', async () => {
  assert.deepEqual(await env('FROM a\nENV x=env\nARG x=arg\nENV r=$x', { x: 'given' }), ['x=env', 'r=given']);
  assert.deepEqual(await env('FROM a\nARG x=arg\nENV x=env\nENV r=$x', { x: 'given' }), ['x=env', 'r=env']);
  assert.deepEqual(await env('FROM a\nENV x=env\nARG x\nENV r=$x'), ['x=env', 'r=env']);
});

test('a stage that starts from another goes on with its arguments', async () => {
  assert.deepEqual(await env('FROM a AS one\nARG x=1\nFROM one\nENV r=$x'), ['r=1']);
});

test('platforms are arguments that need declaring', async () => {
  assert.deepEqual(await env('FROM a\nENV r=$TARGETARCH'), ['r=']);
  assert.deepEqual(await env('FROM a\nARG TARGETPLATFORM BUILDOS\nENV r=$TARGETPLATFORM-$BUILDOS'), [
    'r=linux/amd64-linux',
  ]);
});

test('tells which given arguments nothing asked for', async () => {
  const args = { used: '1', nope: '2', http_proxy: 'p', BUILDKIT_INLINE_CACHE: '1', SOURCE_DATE_EPOCH: '0' };
  assert.deepEqual((await planText('FROM a\nARG used', { args })).args.unused(), ['nope']);
  assert.deepEqual((await planText('ARG used\nFROM a', { args })).args.unused(), ['nope']);
  const unset = ['used', 'late'];
  assert.deepEqual((await planText('FROM a\nARG used', { args })).args.unused(unset), ['late', 'nope']);
});

test('proxies reach RUN without being declared, and are no part of what it is', async () => {
  const [step] = await planSteps('FROM a\nRUN x', { args: { http_proxy: 'p', other: 'o' } });
  assert.ok(step?.work.kind === 'run');
  assert.deepEqual(step.work.proxies, ['http_proxy=p', 'HTTP_PROXY=p']);
  assert.deepEqual(
    step.work.env.filter((entry) => !entry.startsWith('PATH=')),
    [],
  );
  assert.equal(step.createdBy, 'RUN /bin/sh -c x # buildkit');
});

test('what cannot be expanded is refused', async () => {
  await assert.rejects(planText('ARG x=${\nFROM a'), { code: 'invalid', message: /failed to process/ });
  await assert.rejects(planText('FROM $nothing'), { message: 'base name ($nothing) should not be blank' });
});
