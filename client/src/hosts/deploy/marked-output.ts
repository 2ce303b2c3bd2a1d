/**
 * How our scripts answer: `key==value` lines between two markers, so that nothing else on the stream (login messages,
 * a chatty shell) is taken for an answer.
 */
import { randomBytes } from 'node:crypto';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostShell } from '../host-shell.ts';

/** In the script: `say KEY VALUE`; a value is one line. */
export type Answers = ReadonlyMap<string, readonly string[]>;

/** @throws EngineError when the host does not run the script to its end */
export async function runMarked(
  shell: Pick<HostShell, 'run'>,
  script: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Answers> {
  const marker = `slipway-${randomBytes(8).toString('hex')}`;
  const result = await shell.run(frame(script, marker), options);
  const answers = parseMarked(result.stdout, marker);
  if (answers === undefined) {
    const said = (result.stderr.trim() || result.stdout.trim() || `exit code ${result.code}`).slice(-500);
    throw new EngineError('unavailable', `The host did not run Slipway's script: ${said}`);
  }
  return answers;
}

function frame(script: string, marker: string): string {
  return `say() { printf '%s==%s\\n' "$1" "$2"; }
printf '\\n%s\\n' '${marker}-begin'
(
${script}
)
printf '\\n%s\\n' '${marker}-end'
`;
}

/** undefined when the markers are not both there. */
export function parseMarked(output: string, marker: string): Answers | undefined {
  const lines = output.split(/\r?\n/);
  const begin = lines.indexOf(`${marker}-begin`);
  const end = lines.indexOf(`${marker}-end`, begin + 1);
  if (begin === -1 || end === -1) return undefined;
  const answers = new Map<string, string[]>();
  for (const line of lines.slice(begin + 1, end)) {
    const match = /^([\w-]+)==(.*)$/.exec(line);
    if (match?.[1] === undefined) continue;
    const values = answers.get(match[1]) ?? [];
    values.push(match[2] ?? '');
    answers.set(match[1], values);
  }
  return answers;
}
