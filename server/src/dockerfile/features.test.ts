/** Hover, definition, occurrences, rename, symbols, folding, links, tokens, formatting, signatures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyEdits } from '#model/text/edit.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { complete, imageAt } from './completion.ts';
import { definition } from './definition.ts';
import { documentAt } from './document-check.ts';
import { folding } from './folding.ts';
import { format, formatAfter } from './format.ts';
import { hints } from './hints.ts';
import { hover } from './hover.ts';
import { DOCKERFILE } from './language.ts';
import { lenses } from './lenses.ts';
import { links } from './links.ts';
import { occurrences } from './occurrences.ts';
import { prepareRename, rename } from './rename.ts';
import { selection } from './selection.ts';
import { signature } from './signature.ts';
import { symbols } from './symbols.ts';
import { tokens } from './tokens.ts';

const OPTIONS = { tabSize: 4, insertSpaces: true };

function hoverAt(marked: string): string | undefined {
  const { document, offset } = documentAt(marked);
  return hover(document, offset)?.markdown;
}

function renamed(marked: string, name: string): string {
  const { document, offset } = documentAt(marked);
  const edits = rename(document, offset, name).map(({ span, newText }) => ({ span, text: newText }));
  return applyEdits(document.text, edits);
}

function placesAt(marked: string): string[] {
  const { document, offset } = documentAt(marked);
  return occurrences(document, offset).map(({ span, kind }) => `${kind} ${document.source.lines.lineAt(span.start)}`);
}

test('hover on what the reference explains', () => {
  assert.match(hoverAt('FROM a\nCO|PY b c') ?? '', /Copies files.*#copy/s);
  assert.match(hoverAt('FROM a\nCOPY --ch|own=1 b c') ?? '', /User and group/);
  assert.match(hoverAt('FROM a\nRUN --mount=type=cache,shar|ing=locked b') ?? '', /sharing.*shared/s);
  assert.match(hoverAt('# esc|ape=`\nFROM a') ?? '', /backtick/);
  assert.match(hoverAt('FROM a\nONBUILD RU|N b') ?? '', /layer/);
  assert.equal(hoverAt('FROM a\nRUN echo he|llo'), undefined);
});

test('hover on variables says their value', () => {
  assert.match(hoverAt('ARG A=1\nFROM a\nARG A\nENV B=x-$A\nLABEL c=${|B}') ?? '', /`x-1`.*line 4/s);
  assert.match(hoverAt('ARG |A\nFROM a') ?? '', /--build-arg/);
  assert.match(hoverAt('FROM --platform=$BUILD|PLATFORM a') ?? '', /set by the builder/);
});

test('hover on stages and images', () => {
  assert.match(hoverAt('FROM debian:12 AS b\nFROM c\nCOPY --from=|b d e') ?? '', /Stage `b`.*FROM debian:12 AS b/s);
  assert.match(hoverAt('FROM ghcr.io/a/b:|1') ?? '', /ghcr\.io.*a\/b.*`1`/s);
  assert.match(hoverAt('FROM scr|atch') ?? '', /empty image/);
});

test('definitions of stages, variables and heredocs', () => {
  const lineOf = (marked: string): number | undefined => {
    const { document, offset } = documentAt(marked);
    const [found] = definition(document, offset);
    return found === undefined ? undefined : document.source.lines.lineAt(found.span.start);
  };
  assert.equal(lineOf('FROM a AS b\nFROM c\nCOPY --from=|b d e'), 0);
  assert.equal(lineOf('FROM a AS b\nFROM c\nRUN --mount=from=|b,target=/x e'), 0);
  assert.equal(lineOf('FROM a AS b\nFROM |B'), 0);
  assert.equal(lineOf('ARG v=1\nFROM a:$|v'), 0);
  assert.equal(lineOf('FROM a\nENV v=1\nRUN echo $|v'), 1);
  assert.equal(lineOf('FROM a\nRUN <<EOF\nb\nE|OF'), 1);
  assert.equal(lineOf('FROM a\nRUN ech|o'), undefined);
});

test('occurrences', () => {
  assert.deepEqual(placesAt('FROM a AS |b\nFROM b\nCOPY --from=b c d\nCOPY --from=0 c d\nFROM x AS b\nFROM b'), [
    'definition 0',
    'use 1',
    'use 2',
    'use 3',
  ]);
  assert.deepEqual(placesAt('ARG V=1\nFROM a:$V\nARG V\nRUN echo $|V\nFROM b\nARG V=2\nENV W=$V'), [
    'definition 0',
    'definition 2',
    'definition 5',
    'use 1',
    'use 3',
    'use 6',
  ]);
});

test('renaming reaches every use, RUN mounts and ARG lines too', () => {
  assert.equal(
    renamed(
      'FROM a AS |b\nFROM b AS c\nRUN --mount=type=bind,from=b,target=/x y\nCOPY --from=B d e\nCOPY --from=0 d e',
      'base',
    ),
    'FROM a AS base\nFROM base AS c\nRUN --mount=type=bind,from=base,target=/x y\nCOPY --from=base d e\nCOPY --from=0 d e',
  );
  assert.equal(renamed('ARG V=1\nFROM a:${V:-2}\nARG |V\nRUN x $V', 'W'), 'ARG W=1\nFROM a:${W:-2}\nARG W\nRUN x $W');
  assert.equal(renamed('FROM a\nENV A=1\nENV A=2\nRUN $|A', 'B'), 'FROM a\nENV B=1\nENV B=2\nRUN $B');
  assert.equal(renamed('FROM a\nCOPY <<|EOF /x\ny\nEOF', 'END'), 'FROM a\nCOPY <<END /x\ny\nEND');
});

test('what cannot be renamed', () => {
  const prepared = (marked: string): unknown => {
    const { document, offset } = documentAt(marked);
    return prepareRename(document, offset);
  };
  assert.equal(prepared('FROM a\nFROM b\nCOPY --from=|0 c d'), undefined);
  assert.equal(prepared('FROM al|pine'), undefined);
  assert.notEqual(prepared('FROM a AS |b'), undefined);
});

test('symbols: stages with their instructions', () => {
  const { document } = documentAt(
    'ARG v=1\nFROM debian:12 AS build\nENV a=b\nRUN make \\\n  all\nFROM scratch\nCOPY x y',
  );
  assert.deepEqual(
    symbols(document).map(({ name, detail, children }) => [
      name,
      detail,
      children.map((child) => `${child.name}: ${child.detail}`),
    ]),
    [
      ['ARG v', '1', []],
      ['build', 'FROM debian:12', ['ENV a: b', 'RUN: make all']],
      ['scratch', '', ['COPY: x y']],
    ],
  );
});

test('folding', () => {
  const { document } = documentAt('# a\n# b\nFROM a\nRUN b \\\n  c\nCOPY <<E /x\ny\nE\n');
  assert.deepEqual(
    folding(document).map(({ startLine, endLine, comment }) => [startLine, endLine, comment]),
    [
      [2, 7, false],
      [3, 4, false],
      [5, 7, false],
      [0, 1, true],
    ],
  );
});

test('links to the pages of images', () => {
  const { document } = documentAt(
    'FROM node:22 AS a\nFROM a\nFROM ghcr.io/o/p:1\nFROM quay.io/x/y\nFROM bitnami/z\nFROM r.example/q',
  );
  assert.deepEqual(
    links(document).map(({ target }) => target),
    [
      'https://hub.docker.com/_/node',
      'https://github.com/o/p/pkgs/container/p',
      'https://quay.io/repository/x/y',
      'https://hub.docker.com/r/bitnami/z',
    ],
  );
});

test('tokens, in order and without overlaps', () => {
  const { document } = documentAt('# syntax=x\nARG v=1\nFROM a AS b\nCOPY --from=b $v /x\nFROM b');
  assert.deepEqual(
    tokens(document).map(({ span, type }) => `${document.text.slice(span.start, span.end)} ${type}`),
    [
      'syntax macro',
      'ARG keyword',
      'v variable',
      'FROM keyword',
      'AS keyword',
      'b class',
      'COPY keyword',
      '--from parameter',
      'b class',
      'FROM keyword',
      'b class',
    ],
  );
});

test('selections grow from the word to the file', () => {
  const grown = (marked: string): string[] => {
    const { document, offset } = documentAt(marked);
    return selection(document, offset).map(({ start, end }) => document.text.slice(start, end));
  };
  assert.deepEqual(grown('FROM a\nRUN --mount=type=cache,target=/x npm c|i\nCMD b'), [
    'ci',
    'npm ci',
    'RUN --mount=type=cache,target=/x npm ci',
    'FROM a\nRUN --mount=type=cache,target=/x npm ci\nCMD b',
  ]);
  assert.deepEqual(grown('FROM a\nENV x=${y|}').slice(0, 5), [
    'y',
    '${y}',
    'x=${y}',
    'ENV x=${y}',
    'FROM a\nENV x=${y}',
  ]);
  assert.deepEqual(grown('FROM a\nRUN <<E\nb c|d\ne\nE').slice(0, 3), ['cd', 'b cd', 'b cd\ne\n']);
  assert.deepEqual(grown('FROM a\nCMD ["a|b", "c"]').slice(0, 3), ['ab', '"ab"', '["ab", "c"]']);
});

test('hints: what variables are worth where the builder replaces them', () => {
  const shown = (text: string): string[] => {
    const { document } = documentAt(text);
    return hints(document).map(({ offset, label }) => `${document.text.slice(0, offset).split('\n').at(-1)}|${label}`);
  };
  assert.deepEqual(shown('ARG V=22\nFROM node:$V-slim\nARG V\nENV D=/srv\nWORKDIR ${D}/app\nRUN echo $D\nUSER $U'), [
    'FROM node:$V|= 22',
    'ARG V|= 22',
    'WORKDIR ${D}|= /srv',
  ]);
});

test('a lens on every stage', () => {
  const { document } = documentAt('FROM a AS one\nFROM b\n');
  assert.deepEqual(
    lenses(document).map(({ command, arguments: args }) => [command, ...args]),
    [
      ['slipway.buildStage', 'file:///project/Dockerfile', 'one', false],
      ['slipway.buildStage', 'file:///project/Dockerfile', '1', true],
    ],
  );
});

test('tokens of shells: programs, flags, quoted words with variables in them', () => {
  const { document } = documentAt('FROM a\nENV v=1\nRUN apt-get -y x "a $v b" && cat\nHEALTHCHECK CMD curl x\n');
  assert.deepEqual(
    tokens(document)
      .filter(({ span }) => span.start > 14)
      .map(({ span, type }) => `${document.text.slice(span.start, span.end)} ${type}`),
    [
      'RUN keyword',
      'apt-get function',
      '-y parameter',
      '"a $ string',
      'v variable',
      ' b" string',
      'cat function',
      'HEALTHCHECK keyword',
      'curl function',
    ],
  );
});

test('hover on programs, and on rules that are switched off', () => {
  assert.match(hoverAt('FROM a\nRUN x && ap|k add y') ?? '', /Alpine/);
  assert.match(hoverAt('# hadolint ignore=DL3|008\nFROM a') ?? '', /DL3008.*Severity/s);
  assert.match(hoverAt('FROM b\n# hadolint stage ignore=DL3|008\nFROM a') ?? '', /DL3008.*Severity/s);
  assert.match(hoverAt('# check=skip=StageName|Casing;error=true\nFROM a') ?? '', /StageNameCasing.*Severity/s);
  assert.equal(hoverAt('# just a com|ment\nFROM a'), undefined);
});

test('signatures of flags', () => {
  const shown = (marked: string) => {
    const { document, offset } = documentAt(marked);
    return signature(document, offset)?.label;
  };
  assert.equal(shown('FROM a\nHEALTHCHECK --interval=|'), '--interval=duration');
  assert.equal(shown('FROM a\nCOPY --link=t|'), '--link=true|false');
  assert.equal(shown('FROM a\nONBUILD RUN --mount=type=|'), '--mount=type=type[,option=value]...');
  assert.equal(shown('FROM a\nRUN x --mount=|'), 'RUN [--flags] command…');
});

test('signatures', () => {
  const active = (marked: string): string | undefined => {
    const { document, offset } = documentAt(marked);
    const found = signature(document, offset);
    return found?.parameters[found.active]?.label;
  };
  assert.equal(active('FROM a\nCOPY |'), 'source…');
  assert.equal(active('FROM a\nCOPY --|'), '[--flags]');
  assert.equal(active('FROM a\nCOPY b |'), 'destination');
  assert.equal(active('|'), undefined);
});

test('no feature throws, whatever the text is and wherever the caret', () => {
  const pieces = fc.constantFrom(
    'FROM a AS b\n',
    'COPY --from=b ',
    'RUN --mount=type=',
    'ARG x=1\n',
    '$x',
    '${x:-',
    '<<E\n',
    'E\n',
    '\\\n',
    '"',
    "'",
    '# check=',
    '[',
    ',',
    ' ',
    '\n',
    'ONBUILD ',
    '--',
    '=',
    'HEALTHCHECK ',
    'EXPOSE 80',
    'ENV a b\n',
    'USER root\n',
    'RUN apt-get install x\n',
    'LABEL a=',
    'CMD ',
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.nat(), (parts, n) => {
      const text = parts.join('');
      const { document } = documentAt(text.replaceAll('|', ''));
      const offset = n % (text.length + 1);
      complete(document, offset);
      hover(document, offset);
      definition(document, offset);
      rename(document, offset, 'n');
      signature(document, offset);
      for (const whole of [symbols, folding, links, tokens, hints, lenses]) whole(document);
      selection(document, offset);
      imageAt(document, offset);
      formatAfter(document, offset, OPTIONS);
      for (const { span } of DOCKERFILE.diagnose(document, DEFAULT_SETTINGS)) {
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
      }
      assert.equal(
        format(documentAt(applyEdits(text, format(document, OPTIONS))).document, OPTIONS).length,
        0,
        'formatting twice changes nothing',
      );
    }),
    { numRuns: 400 },
  );
});
