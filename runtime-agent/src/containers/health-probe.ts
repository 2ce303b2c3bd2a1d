import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#model/engine-api/errors.ts';
import type { Container } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { execAction } from './exec-action.ts';
import { execProcess } from './exec-process.ts';
import type { ProbeResult } from './health-state.ts';
import { instant } from './record.ts';

const OUTPUT_LIMIT = 4096;
/** How long a check's output may come after its end: what it left running may hold it open. */
const LAST_WORDS_MS = 1000;

/** Runs a health check's command once. Never throws: a test that cannot run has failed. */
export async function runProbe(
  context: ContainerContext,
  container: Container,
  command: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const start = instant();
  const execId = randomBytes(32).toString('hex');
  publish(context, container, execAction('exec_create', command), { execID: execId });
  publish(context, container, execAction('exec_start', command), { execID: execId });
  try {
    const { code, output } = await probe(context, container, { execId, command, timeoutMs, signal });
    publish(context, container, 'exec_die', { execID: execId, exitCode: String(code) });
    return { start, end: instant(), exitCode: code, output };
  } catch (error) {
    return { start, end: instant(), exitCode: -1, output: messageOf(error) };
  } finally {
    await context.runtime.removeExec(execId);
  }
}

/** As Go prints a duration: 300ms, 1.5s, 2m0s. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

const closed = async (stream: Readable | null): Promise<void> =>
  stream === null ? undefined : await finished(stream, { writable: false }).catch(() => {});

interface Probe {
  readonly execId: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

async function probe(
  context: ContainerContext,
  container: Container,
  { execId, command, timeoutMs, signal }: Probe,
): Promise<{ readonly code: number; readonly output: string }> {
  const config = {
    command,
    environment: [],
    user: '',
    workingDir: '',
    terminal: false,
    stdin: false,
    stdout: true,
    stderr: true,
    privileged: false,
    detachKeys: '',
    consoleSize: [],
  };
  const begun = performance.now();
  const process = await execProcess(context, container.record, config, []);
  const request = { id: container.id, execId, container: container.record.state.process, process };
  const child = context.runtime.exec(request, { stdin: false, stdout: true });
  let output = '';
  const take = (chunk: Buffer): void => {
    if (output.length < OUTPUT_LIMIT) output += chunk.toString();
  };
  child.stdout?.on('data', take);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill();
  }, timeoutMs);
  signal.addEventListener('abort', child.kill, { once: true });
  try {
    await child.started;
    context.onHealthCheckStarted?.((performance.now() - begun) / 1000);
    child.stderr.on('data', take);
    const code = await child.exited;
    if (late) {
      const said = output === '' ? '' : `: ${output.slice(0, OUTPUT_LIMIT)}`;
      return { code: -1, output: `Health check exceeded timeout (${goDuration(timeoutMs)})${said}` };
    }
    await Promise.race([Promise.all([child.stdout, child.stderr].map(closed)), sleep(LAST_WORDS_MS)]);
    return { code, output: output.slice(0, OUTPUT_LIMIT) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', child.kill);
  }
}
