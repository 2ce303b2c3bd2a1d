import { spanOf } from '#model/text/span.ts';
import { completePaths } from '../dockerfile/complete-paths.ts';
import type { Completion } from '../language.ts';
import { folderOf } from '../paths.ts';
import type { IgnoreDocument } from './document.ts';

export const TRIGGER_CHARACTERS = ['/', '!', '.', '*'];

/** Often kept out of a build. */
export const COMMON: ReadonlyMap<string, string> = new Map([
  ['.git', 'The repository itself.'],
  ['node_modules', 'Packages of Node.js: installed in the image.'],
  ['**/node_modules', 'Packages of Node.js: installed in the image.'],
  ['**/.env', 'Secrets of this machine.'],
  ['**/.env.*', 'Secrets of this machine.'],
  ['**/.DS_Store', 'Notes of macOS.'],
  ['.vscode', 'Settings of the editor.'],
  ['.idea', 'Settings of the editor.'],
  ['.github', 'Workflows.'],
  ['Dockerfile*', 'Not needed in the image: the builder has it anyway.'],
  ['.dockerignore', 'Not needed in the image: the builder has it anyway.'],
  ['compose*.yaml', 'Not needed in the image.'],
  ['README.md', 'Documentation.'],
  ['dist', 'Results of builds.'],
  ['coverage', 'Results of tests.'],
  ['**/*.log', 'Logs.'],
  ['**/*.pem', 'Keys.'],
  ['**/*.key', 'Keys.'],
  ['**/__pycache__', 'Compiled Python.'],
  ['**/*.pyc', 'Compiled Python.'],
  ['.venv', 'Packages of Python: installed in the image.'],
  ['target', 'Results of builds (Rust, Maven).'],
  ['**/bin', 'Results of builds (.NET).'],
  ['**/obj', 'Results of builds (.NET).'],
]);

/** Files and folders of the context, and what is often ignored and not yet named. */
export function complete({ source, text, patterns }: IgnoreDocument, offset: number): Completion[] {
  const { lines, path } = source;
  const start = lines.startOf(lines.lineAt(offset));
  const written = text.slice(start, offset);
  if (written.startsWith('#')) return [];
  const prefix = /^\s*!?\s*(.*)$/.exec(written)?.[1] ?? '';
  const rest = /^\S*/.exec(text.slice(offset, lines.endOf(lines.lineAt(offset))))?.[0].length ?? 0;
  const span = spanOf(offset - prefix.length, offset + rest);
  const used = new Set(patterns.map((one) => one.pattern));
  const named =
    /[*?[]/.test(prefix) || path === undefined ? [] : completePaths(source, folderOf(path), prefix, span, true);
  const isNegated = written.trimStart().startsWith('!');
  const common = [...COMMON]
    .filter(([pattern]) => !isNegated && !prefix.includes('/') && !used.has(pattern))
    .map(
      ([label, documentation], i): Completion => ({
        label,
        kind: 'value',
        documentation,
        span,
        text: label,
        rank: 10 + i,
      }),
    );
  const known = new Set(named.map(({ label }) => label.replace(/\/$/, '')));
  return [...named, ...common.filter(({ label }) => !known.has(label))];
}
