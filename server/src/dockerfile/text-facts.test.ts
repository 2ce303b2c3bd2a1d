import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineIndex } from '#model/text/line-index.ts';
import { memoryFiles } from '../files.ts';
import { readSettings } from '../settings.ts';
import { type DockerfileDocument, readDockerfile } from './document.ts';
import { DOCKERFILE } from './language.ts';

const SETTINGS = readSettings({ preset: 'strict' });

function read(text: string, previous?: DockerfileDocument): DockerfileDocument {
  const source = { uri: 'file:///Dockerfile', path: '/Dockerfile', text, lines: createLineIndex(text) };
  return readDockerfile({ ...source, files: memoryFiles({}) }, previous);
}

/** What the editor shows of it. */
function shown(document: DockerfileDocument) {
  const { uses, definitions } = document.variables;
  return {
    findings: DOCKERFILE.diagnose(document, SETTINGS),
    tokens: DOCKERFILE.tokens?.(document),
    uses: uses.map(({ name, span, nameSpan, by, definition }) => [name, span, nameSpan, by, definition?.property.span]),
    definitions: definitions.map(({ name, property }) => [name, property]),
    programs: document.commands.map(({ program, args }) => [program, ...args]),
  };
}

const PIECES = [
  'FROM debian AS base\n',
  'FROM base\n',
  'ARG A=1\nENV B=$A \\\n  C="${B:-x}" D\n',
  'RUN apt-get update && \\\n  # comment\n  apt-get install curl $A\n',
  'RUN <<EOF\nset -e\nsudo pip install a==1 b\ncd $B\nEOF\n',
  'RUN --mount=type=cache,taget=/x bash <<-EOF\n\tapk add curl\n\tEOF\n',
  'COPY --from=base a b c\n',
  'WORKDIR a\n',
  'EXPOSE 99999\n',
  'ONBUILD RUN apt install $A\n',
  'LABEL a=$A b\n',
  'HEALTHCHECK --interval=1x CMD curl $B\n',
  '# escape=`\n',
  '\n',
  ' ',
  '\\\n',
  'EOF\n',
  '$',
  '"',
];

test('a text that comes about by edits reads like one that has never been another', () => {
  let seed = 1;
  const below = (bound: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % bound;
  };
  let text = PIECES.join('');
  let document = read(text);
  for (let round = 0; round < 100; round++) {
    const at = below(text.length + 1);
    const removed = below(2) === 0 ? below(40) : 0;
    const piece = text.length < 2000 ? (PIECES[below(PIECES.length)] ?? '') : '';
    text = text.slice(0, at) + piece + text.slice(at + removed);
    document = read(text, document);
    assert.deepEqual(shown(document), shown(read(text)), JSON.stringify(text));
  }
});

test('scripts and variables are read once, and anew where the text has changed', () => {
  const before = read('FROM a\nRUN b $C\nRUN d $E\n');
  shown(before);
  const after = read('# moved\nFROM a\nRUN b $C\nRUN d $F\n', before);
  const factsOf = (document: DockerfileDocument, index: number) => {
    const instruction = document.instructions[index];
    assert.ok(instruction);
    return document.factsOf(instruction);
  };
  const { shell, variables } = factsOf(before, 1);
  assert.ok(shell && variables);
  assert.equal(factsOf(after, 2).shell, undefined);
  shown(after);
  assert.equal(factsOf(after, 1).shell, shell);
  assert.equal(factsOf(after, 1).variables, variables);
});

test('another escape character makes another text of it', () => {
  const before = read('FROM a\nENV A=\\$B\n');
  shown(before);
  const after = read('# escape=`\nFROM a\nENV A=\\$B\n', before);
  assert.deepEqual(shown(after), shown(read(after.text)));
});

test('of texts that are gone nothing is kept', () => {
  const after = read('FROM b\n', read('FROM a\nRUN c\n'));
  assert.deepEqual([...after.facts.keys()], ['FROM b']);
});
