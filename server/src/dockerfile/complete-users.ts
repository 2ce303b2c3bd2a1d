import type { Completion } from '../language.ts';
import type { Span } from '#model/text/span.ts';
import { operands } from './commands.ts';
import type { Cursor } from './cursor.ts';
import { type DockerfileDocument, stageOf } from './document.ts';
import { usersOf } from './known-values.ts';

/** Users that the file makes, those of the base image as far as it is known, and those that every image has. */
export function completeUsers(document: DockerfileDocument, { instruction }: Cursor, span: Span): Completion[] {
  const stage = instruction === undefined ? undefined : stageOf(document, instruction);
  const found = new Map<string, string>();
  const lineage = new Set();
  let base = '';
  for (let at = stage; at !== undefined; at = at.base) {
    lineage.add(at);
    base = at.image?.text ?? '';
  }
  for (const { part, commands } of document.runs) {
    if (!lineage.has(part.stage)) continue;
    for (const command of commands) {
      const isMaking = command.program.text === 'useradd' || command.program.text === 'adduser';
      const name = isMaking ? operands(command, VALUE_FLAGS).at(-1)?.text : undefined;
      if (name !== undefined && /^[a-z_][\w-]*$/i.test(name)) found.set(name, `made by ${command.program.text}`);
    }
  }
  for (const name of usersOf(base)) found.set(name, `user of ${base}`);
  for (const [name, detail] of COMMON) if (!found.has(name)) found.set(name, detail);
  return [...found].map(([text, detail], rank) => ({ label: text, kind: 'value', detail, span, text, rank }));
}

const COMMON: ReadonlyMap<string, string> = new Map([
  ['root', 'all rights'],
  ['nobody', 'no rights'],
  ['1000:1000', 'user and group by number'],
]);

const VALUE_FLAGS: ReadonlySet<string> = new Set(
  [
    '-u',
    '--uid',
    '-g',
    '--gid',
    '-G',
    '--groups',
    '--ingroup',
    '-d',
    '--home-dir',
    '--home',
    '-h',
    '-s',
    '--shell',
  ].concat([
    '-c',
    '--comment',
    '--gecos',
    '-k',
    '--skel',
    '-b',
    '--base-dir',
    '-e',
    '--expiredate',
    '-f',
    '--inactive',
    '-p',
  ]),
);
