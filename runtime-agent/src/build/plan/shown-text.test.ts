import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSteps } from './plan.fixture.ts';

// As Docker 28.5 shows these.
const CASES: readonly [string, string][] = [
  [`RUN echo '$V' "$V" $V \${UNSET} $Y`, `RUN echo '$V' "a b" a b \${UNSET} $Y`],
  ['RUN <<EOF\necho hi\necho $V\nEOF', 'RUN <<EOF (echo hi...)'],
  ['RUN <<EOF\nonly\nEOF', 'RUN <<EOF (only)'],
  ['RUN ["/nope", "$V"]', 'RUN ["/nope", "a b"]'],
  ['ADD --chmod=600 f $UNSET/f', 'ADD --chmod=600 f /f'],
  ['COPY <<EOF /f\ntext\nEOF', 'COPY <<EOF /f'],
  ['WORKDIR /w$V', 'WORKDIR /wa b'],
  ['run cat <<A >/f\nx\nA', 'RUN cat <<A >/f'],
  ['RUN --mount=type=secret,id=s,env=V echo $V', 'RUN --mount=type=secret,id=s,env=V echo ****'],
];

for (const [written, shown] of CASES) {
  test(shown, async () => {
    const steps = await planSteps(`FROM scratch\nARG Y\nENV V="a b"\n${written}\n`);
    assert.equal(steps.at(-1)?.shown, shown);
  });
}
