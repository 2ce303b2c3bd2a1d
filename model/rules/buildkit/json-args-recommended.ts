import { bodyOf, bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import type { BuildCheck } from '../checked-dockerfile.ts';
import type { Fix } from '../rule.ts';

/** A SHELL in the stage, or in one below it, says that the author wants that shell. */
export const jsonArgsRecommended: BuildCheck = {
  id: 'JSONArgsRecommended',
  aliases: ['DL3025'],
  severity: 'warning',
  title: 'CMD and ENTRYPOINT should use the JSON form, so that signals reach the process',
  *check({ stages, escape }) {
    const withShell = new Set<Stage>();
    for (const stage of stages) {
      let hasShell = stage.base !== undefined && withShell.has(stage.base);
      for (const instruction of stage.instructions) {
        if (instruction.keyword === 'SHELL') hasShell = true;
        if (hasShell || !isShellForm(instruction)) continue;
        const { keyword } = instruction;
        yield {
          span: instruction.words.length === 0 ? instruction.nameSpan : bodySpan(instruction),
          message: `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`,
          fixes: jsonFix(instruction, escape),
        };
      }
      if (hasShell) withShell.add(stage);
    }
  },
};

function isShellForm({ keyword, json, jsonHasOtherThanStrings }: Instruction): boolean {
  return (keyword === 'CMD' || keyword === 'ENTRYPOINT') && json === undefined && !jsonHasOtherThanStrings;
}

/** Only where the shell does nothing but split words: quotes around whole words, no variables or operators. */
function jsonFix(instruction: Instruction, escape: string): Fix[] {
  const body = bodyOf(instruction);
  const words = body.match(/"[^"$`\\]*"|'[^']*'|[^\s"'`$\\|&;<>()*?[\]{}~#!]+/g) ?? [];
  if (words.length === 0 || words.join(' ') !== body.replaceAll(/\s+/g, ' ') || body.includes(escape)) return [];
  const [command = ''] = words;
  if (SHELL_ONLY.has(command) || /^\w+=/.test(command)) return [];
  const list = words.map((word) => JSON.stringify(/^["']/.test(word) ? word.slice(1, -1) : word));
  return [{ title: 'Use the JSON form', edits: [{ span: bodySpan(instruction), text: `[${list.join(', ')}]` }] }];
}

/** Builtins that no file stands for. */
const SHELL_ONLY: ReadonlySet<string> = new Set(['exec', 'cd', 'export', 'source', '.', 'eval', 'set', 'trap', 'if']);
