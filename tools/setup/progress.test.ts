import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOn } from './progress.ts';

function screen(isTTY: boolean): { isTTY: boolean; columns: number; write(text: string): void; text(): string } {
  let all = '';
  return { isTTY, columns: 60, write: (text) => void (all += text), text: () => all };
}

test('says each step when it begins and when it ends', async () => {
  const paper = screen(false);
  const result = await progressOn(paper).step('moving house', 'a day', async () => 7);
  assert.equal(result, 7);
  assert.match(paper.text(), /^setup: moving house … \(a day\)\nsetup: moving house: done \(\d+\.\d s\)\n$/);
});

test('a failure is said and thrown', async () => {
  const paper = screen(false);
  const failing = progressOn(paper).step('moving house', 'a day', () => Promise.reject(new Error('no van')));
  await assert.rejects(failing, /no van/);
  assert.match(paper.text(), /moving house: FAILED/);
});

test('a terminal shows what goes on, and keeps to one line', async () => {
  const terminal = screen(true);
  await progressOn(terminal).step('moving house', 'a day', async (step) => {
    step.detail('x'.repeat(200));
    await new Promise((resolve) => setTimeout(resolve, 600));
  });
  const live = terminal.text().split('\r\u001B[K');
  assert.ok(live.some((line) => /^moving house \(0\.\d s, x+$/.test(line) && line.length < 60));
});
