/** Commands in RUN, CMD, ENTRYPOINT and HEALTHCHECK, and in the heredocs of RUN. */
import { bodySpan } from '#model/dockerfile/syntax/joined-text.ts';
import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import type { Cursor } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { readShell } from './shell.ts';
import { PROGRAMS } from './shell-programs.ts';

export function completeShell({ text, escape }: DockerfileDocument, { instruction, offset }: Cursor): Completion[] {
  if (instruction === undefined || instruction.json !== undefined) return [];
  const start = Math.min(bodySpan(instruction).start, offset);
  const written = text.slice(start, offset);
  if (written.startsWith('[')) return [];
  // Continued lines are one line for the shell.
  const script = written.replaceAll(/[\\`][ \t]*\r?\n/g, (end) =>
    end.startsWith(escape) ? ' '.repeat(end.length) : end,
  );
  return commandsFor(instruction.keyword === 'HEALTHCHECK' ? script.replace(/^CMD\b/i, '   ') : script, offset);
}

/** In the script of `RUN <<EOF`; files of COPY and ADD are no scripts. */
export function completeHeredoc({ instructions, text }: DockerfileDocument, offset: number): Completion[] {
  for (const { keyword, heredocs } of instructions) {
    const inside = heredocs.find(({ content }) => offset >= content.start && offset <= content.end);
    if (inside === undefined) continue;
    const isForeign = /^#!(?!.*sh\b)/.test(text.slice(inside.content.start, inside.content.start + 80));
    return keyword !== 'RUN' || isForeign ? [] : commandsFor(text.slice(inside.content.start, offset), offset);
  }
  return [];
}

/** @param script up to the caret */
function commandsFor(script: string, offset: number): Completion[] {
  const word = /[^\s;&|()<>]*$/.exec(script)?.[0] ?? '';
  if (/["'$`/]/.test(word) || isInQuotes(script)) return [];
  const command = readShell(`${script.slice(0, script.length - word.length)}_`).at(-1);
  const span = spanOf(offset - word.length, offset);
  const last = command?.words.at(-1);
  if (command === undefined || last?.text !== '_') return [];
  if (command.words.length === 1) {
    return Object.entries(PROGRAMS).map(([label, { summary }]) => ({
      label,
      kind: 'keyword',
      documentation: summary,
      span,
      text: label,
    }));
  }
  const program = command.words[0]?.text ?? '';
  const info = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  const used = new Set(command.words.map(({ text }) => text));
  const options = Object.entries({ ...(command.words.length === 2 ? info?.commands : {}), ...info?.flags });
  return options
    .filter(([label]) => !used.has(label))
    .map(([label, documentation], rank) => ({
      label,
      kind: 'value',
      detail: program,
      documentation,
      span,
      text: label,
      rank,
    }));
}

function isInQuotes(script: string): boolean {
  let quote = '';
  for (let at = 0; at < script.length; at++) {
    const char = script[at];
    if (char === '\\' && quote !== "'") at++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '#' && (at === 0 || /\s/.test(script[at - 1] ?? ''))) {
      const end = script.indexOf('\n', at);
      if (end === -1) return true; // a comment
      at = end;
    }
  }
  return quote !== '';
}
