import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStages } from '#model/dockerfile/stages.ts';
import { failureCause } from '../failure-cause.ts';
import { refuseCircles } from './circular-stages.ts';

function circleIn(text: string): { readonly message: string; readonly lines: readonly string[] } | undefined {
  const { dockerfile } = readStages(text) as Extract<ReturnType<typeof readStages>, { dockerfile: object }>;
  try {
    refuseCircles(dockerfile.stages);
    return undefined;
  } catch (error) {
    const { place } = failureCause(error);
    const spans = place === undefined ? [] : [place.span, ...(place.more ?? [])];
    return { message: (error as Error).message, lines: spans.map(({ start, end }) => text.slice(start, end)) };
  }
}

test('two stages that want files of one another', () => {
  const found = circleIn('FROM x AS a\nCOPY --from=b /a /b\nFROM x AS b\nRUN --mount=from=a,target=/m true\n');
  assert.deepEqual(found, {
    message: 'circular dependency detected on stage: a',
    lines: ['RUN --mount=from=a,target=/m true', 'COPY --from=b /a /b'],
  });
});

test('a stage that wants files of itself, by name or number', () => {
  assert.equal(circleIn('FROM x AS a\nCOPY --from=a / /\n')?.message, 'circular dependency detected on stage: a');
  assert.equal(circleIn('FROM x\nCOPY --from=0 / /\n')?.message, 'circular dependency detected on stage: stage-0');
});

test('later stages, images and mounts with numbers make no circle', () => {
  assert.equal(circleIn('FROM x AS a\nCOPY --from=b / /\nFROM y AS b\nCOPY --from=x / /\n'), undefined);
  assert.equal(circleIn('FROM x\nRUN --mount=from=0,target=/m true\n'), undefined);
});
