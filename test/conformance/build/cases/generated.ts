/**
 * Dockerfiles that nobody wrote: instructions put together at random, for differences that nobody thought of. The same seed
 * gives the same ones. What they find goes into the written cases.
 */
import fc from 'fast-check';
import type { BuildCase } from '../build-case.ts';
import { FILES, IGNORED } from './generated-context.ts';
import { COPY_FROM, INSTRUCTION } from './generated-instruction.ts';

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const BASE = 'conformance-busybox';

interface Stage {
  /** A base image, nothing, the stage before, the first one, or a name that an argument has. */
  readonly base: 'image' | 'scratch' | 'before' | 'first' | 'argument';
  readonly copied: string | null;
  readonly body: readonly string[];
}
const base = one<Stage['base']>('image', 'image', 'image', 'scratch', 'before', 'before', 'first', 'argument');
const stage: fc.Arbitrary<Stage> = fc.record({
  base,
  copied: fc.option(COPY_FROM),
  body: fc.array(INSTRUCTION, { minLength: 1, maxLength: 7 }),
});
const globals = one(
  ['ARG V=global'],
  ['ARG V=global'],
  ['ARG V=global W=${V}w', 'ARG B=s0'],
  ['ARG V=a', 'ARG V=${V}b', 'ARG B=${N:-s0}'],
);

/** What other stages take from the first one. */
const PLACES = 'RUN mkdir -p /d/sub /p/q /h /ws && ln -s d /l && echo 1 >/d/a && echo 2 >/p/x.txt && touch /ws/w';

function instructionsOf(given: readonly string[], stages: readonly Stage[]): string[] {
  const lines = [...given];
  const hasShell: boolean[] = [];
  for (const [i, { base: kind, copied, body }] of stages.entries()) {
    const from = i === 0 && kind !== 'scratch' ? 'image' : kind;
    const parent = from === 'before' ? i - 1 : from === 'first' || from === 'argument' ? 0 : -1;
    hasShell.push(from === 'image' || (parent >= 0 && hasShell[parent] === true));
    const name = { image: BASE, scratch: 'scratch', before: `s${i - 1}`, first: 's0', argument: '${B:-s0}' }[from];
    lines.push(`FROM ${name} AS s${i}`, ...(hasShell[i] ? [] : ['COPY f /there']));
    if (i === 0 && hasShell[i]) lines.push(PLACES);
    if (i > 0 && copied !== null) lines.push(copied);
    const usable = hasShell[i] ? body : body.filter((text) => !/^(ONBUILD )?RUN/.test(text));
    // A stage's own mounts cannot be of itself.
    lines.push(...usable.map((text) => (i === 0 ? text.replaceAll('from=s0', `from=${BASE}`) : text)));
  }
  return lines;
}

/** The same instructions as people write them who write otherwise. */
const DRESSINGS: readonly ((lines: readonly string[]) => string)[] = [
  (lines) => `${lines.join('\n')}\n`,
  (lines) => `${lines.join('\n')}\n`,
  (lines) => `${lines.join('\n')}\n`,
  (lines) => `${lines.join('\n')}\n`,
  (lines) => `${lines.join('\n')}\n`.replaceAll('\n', '\r\n'),
  (lines) => lines.map((text, i) => (text.includes('\n') ? text : `${i % 2 ? '\t' : '   '}${text} \t`)).join('\n'),
  (lines) => `# first\n\n${lines.join('\n# between\n\n  # and indented\n')}\n# last`,
  (lines) => lines.map((text) => text.replace(/^(ONBUILD )?[A-Z]+/, (word) => word.toLowerCase())).join('\n'),
  (lines) => lines.map((text) => (text.includes('\n') ? text : text.replaceAll(' ', ' \\\n  '))).join('\n'),
  (lines) =>
    lines.map((text) => (text.includes('\n') ? text : text.replace(/ (?=\S+$)/, ' \\\n# no\n\n'))).join('\n\n\n'),
  (lines) => `# escape=\`\n${lines.map((text) => text.replace(/ (?=\S+$)/, ' `\n ')).join('\n')}`,
  (lines) => `\uFEFF#escape=\\\n${lines.map((text) => text.replaceAll(/ (?=[/$])/g, '   ')).join('\n')}`,
];

const dockerfile = fc
  .tuple(globals, fc.array(stage, { minLength: 1, maxLength: 4 }), one(...DRESSINGS))
  .map(([given, stages, dressed]) => dressed(instructionsOf(given, stages)));

const ARGS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  ['--build-arg', 'V=given'],
  ['--build-arg', 'W=w w', '--build-arg', 'A=a'],
  ['--target', 's0'],
  ['--label', 'a=over', '--label', 'z='],
];

export function generatedCases(seed: number, count: number): BuildCase[] {
  const sample = fc.sample(fc.tuple(dockerfile, IGNORED, one(...ARGS)), { seed, numRuns: count });
  return sample.map(([text, ignore, args], i) => ({
    name: `generated: ${seed}/${i}`,
    dockerfile: text,
    files: ignore === '' ? FILES : { ...FILES, '.dockerignore': `${ignore}\n` },
    args,
  }));
}
