/** `slipway builds`: the latest builds of an engine, and what each of them said. */
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { EngineError } from '#model/engine-api/errors.ts';
import type { BuildRecord } from '../build/build-history.ts';
import { engineClient } from './build/engine-client.ts';

const USAGE = `Usage: slipway builds [ls]
       slipway builds logs ID

Lists the latest builds of the engine, or prints what one of them said.

  -H, --host ADDRESS  engine: unix://… or tcp://… (default: DOCKER_HOST, or the local engine)
`;

export interface BuildsCommand {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly defaultSocket: string;
  readonly signal: AbortSignal;
}

/** Throws EngineError. */
export async function runBuildsCommand({
  args,
  environment,
  stdout,
  defaultSocket,
  signal,
}: BuildsCommand): Promise<number> {
  const { words, host, help } = readArguments(args);
  const [verb = 'ls', id, ...more] = words;
  if (help) {
    stdout.write(USAGE);
    return 0;
  }
  const client = engineClient(host ?? environment['DOCKER_HOST'] ?? `unix://${defaultSocket}`, signal);
  if (verb === 'ls' && id === undefined) {
    const answer = await client.get('/slipway/v1/builds');
    stdout.write(table(JSON.parse(await text(answer)) as BuildRecord[]));
    return 0;
  }
  if (verb !== 'logs' || id === undefined || more.length > 0)
    throw new EngineError('invalid', `'slipway builds ${words.join(' ')}' is not known.\n${USAGE}`);
  stdout.write(await text(await client.get(`/slipway/v1/builds/${encodeURIComponent(id)}/logs`)));
  return 0;
}

function readArguments(args: readonly string[]) {
  const options = { host: { type: 'string', short: 'H' }, help: { type: 'boolean', default: false } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { words: positionals, host: values.host, help: values.help };
  } catch (cause) {
    throw new EngineError('invalid', `${(cause as Error).message}\n${USAGE}`, { cause });
  }
}

/** As `docker buildx history ls` has it. */
export function table(records: readonly BuildRecord[], now: number = Date.now()): string {
  const rows = records.map(({ id, name, status, started, ended, imageId = '' }) => [
    id,
    name,
    status,
    started.slice(0, 19).replace('T', ' '),
    `${(((ended === undefined ? now : Date.parse(ended)) - Date.parse(started)) / 1000).toFixed(1)}s`,
    imageId.replace('sha256:', '').slice(0, 12),
  ]);
  const all = [['BUILD ID', 'NAME', 'STATUS', 'CREATED AT', 'DURATION', 'IMAGE'], ...rows];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0))) ?? [];
  return all
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}
