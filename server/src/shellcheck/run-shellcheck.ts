/** Starts the `shellcheck` program on one script and reads what it says. */
import { spawn } from 'node:child_process';
import * as v from 'valibot';
import type { ShellComment, ShellScript } from '../language.ts';

const TIMEOUT_MS = 10_000;

const PLACE = { line: v.number(), column: v.number(), endLine: v.number(), endColumn: v.number() };
const REPLACEMENT = v.object({ ...PLACE, replacement: v.string() });
const OUTPUT = v.object({
  comments: v.array(
    v.object({
      ...PLACE,
      level: v.picklist(['error', 'warning', 'info', 'style']),
      code: v.number(),
      message: v.string(),
      fix: v.nullable(v.object({ replacements: v.array(REPLACEMENT) })),
    }),
  ),
});

/** There is no such program here, which is no failure: scripts are just not checked. */
export type ShellCheckAnswer = readonly ShellComment[] | 'no program';

/** Rejects when the program fails, takes too long, or the signal aborts. */
export function runShellCheck(script: ShellScript, signal: AbortSignal): Promise<ShellCheckAnswer> {
  const header = headerFor(script);
  const args = [`--shell=${script.dialect}`, '--format=json1', '--norc', '-'];
  const child = spawn('shellcheck', args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve('no program') : reject(error),
    );
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.stdin.on('error', () => {}); // it ended early: its output says why
    child.on('close', () => {
      try {
        resolve(readComments(output, script.text, header));
      } catch (error) {
        reject(error);
      }
    });
    child.stdin.end(`${header}${script.text}\n`);
  });
}

/** Variables of the Dockerfile are set: nothing is to be said about that. */
function headerFor({ variables }: ShellScript): string {
  const names = variables.filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return names.length === 0 ? '' : `export ${names.join(' ')}\n`;
}

/** Lines and columns count from 1, columns in characters (code points). */
export function readComments(output: string, text: string, header: string): ShellComment[] {
  const { comments } = v.parse(OUTPUT, JSON.parse(output));
  const lines = `${header}${text}`.split('\n');
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const offsetAt = (line: number, column: number): number => {
    const content = lines[line - 1] ?? '';
    const within = [...content].slice(0, column - 1).join('').length;
    return (starts[line - 1] ?? 0) + within - header.length;
  };
  return comments.flatMap(({ level, code, message, fix, ...place }) => {
    const start = offsetAt(place.line, place.column);
    const end = Math.min(offsetAt(place.endLine, place.endColumn), text.length);
    if (start < 0 || start > text.length) return []; // about our own header
    const replacements = (fix?.replacements ?? []).map((one) => ({
      start: offsetAt(one.line, one.column),
      end: offsetAt(one.endLine, one.endColumn),
      text: one.replacement,
    }));
    return [{ start, end: Math.max(start, end), level, code, message, replacements }];
  });
}
