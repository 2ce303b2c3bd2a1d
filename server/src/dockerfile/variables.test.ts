import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentAt } from './document-check.ts';
import { valueOf } from '#model/dockerfile/values.ts';
import { definitionsBefore } from '#model/dockerfile/variables.ts';

/** Each use as `name -> line of its definition`. */
function uses(text: string): string[] {
  const { document } = documentAt(text);
  const { lines } = document.source;
  return document.variables.uses.map(({ name, definition, predefined, by }) => {
    const where =
      definition === undefined
        ? predefined
          ? 'predefined'
          : 'nowhere'
        : lines.lineAt(definition.instruction.span.start);
    return `${name} ${where}${by === 'shell' ? ' (shell)' : ''}`;
  });
}

test('uses are resolved in order, by stage', () => {
  assert.deepEqual(uses('ARG A=1\nFROM x:$A\nENV B=$A\nARG A\nENV B=$A C=$B\nUSER $C'), [
    'A 0',
    'A nowhere',
    'A 3',
    'B 2',
    'C 4',
  ]);
});

test('an ARG never hides an ENV of its name', () => {
  assert.deepEqual(uses('FROM x\nENV A=1\nARG A=2\nUSER $A'), ['A 1']);
});

test('derived stages inherit what stands at the end of their base', () => {
  assert.deepEqual(uses('FROM x AS b\nENV A=1\nFROM b\nUSER $A\nFROM y\nUSER $A'), ['A 1', 'A nowhere']);
});

test('who replaces them, and what the builder sets itself', () => {
  assert.deepEqual(
    uses('FROM --platform=$BUILDPLATFORM x\nRUN echo $A\nCOPY <<E /f\n$B\nE\nRUN <<E\n$C\nE\nUSER $http_proxy'),
    ['BUILDPLATFORM predefined', 'A nowhere (shell)', 'B nowhere', 'C nowhere (shell)', 'http_proxy predefined'],
  );
});

test('mounts, flags and ONBUILD', () => {
  assert.deepEqual(uses('FROM x\nRUN --mount=type=cache,target=$A y\nCOPY --chown=$B --from=$C d e\nONBUILD USER $F'), [
    'A nowhere',
    'B nowhere',
    'F nowhere (shell)',
  ]);
});

test('values as if built without --build-arg', () => {
  const { document } = documentAt('ARG V=1\nFROM x\nARG V\nARG W\nENV A="a-$V" B=\'$V\'\nENV C=${A}${W:-none}');
  const values = document.variables.definitions.map((one) => `${one.name}=${valueOf(document, one)}`);
  assert.deepEqual(values, ['V=1', 'V=1', 'W=undefined', 'A=a-1', 'B=$V', 'C=a-1none']);
});

test('what is defined at a place', () => {
  const { document } = documentAt('ARG G=1\nFROM x AS b\nENV A=1\nFROM b\nENV B=1\nUSER u\nENV C=1');
  const user = document.instructions.find(({ keyword }) => keyword === 'USER');
  assert.ok(user);
  assert.deepEqual([...definitionsBefore(document.variables, user, document.stages[1]).keys()], ['A', 'B']);
  const [, from] = document.instructions;
  assert.ok(from);
  assert.deepEqual([...definitionsBefore(document.variables, from, document.stages[0]).keys()], ['G']);
});
