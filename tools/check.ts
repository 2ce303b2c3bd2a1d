/** `npm run check`: every static check at once, one line each; the output of a check is shown only when it fails. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

const root = path.resolve(import.meta.dirname, '..');
const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name);

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const CHECKS: readonly Check[] = [
  { name: 'types', command: bin('tsc'), args: ['-b'] },
  { name: 'lint', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings', '--quiet'] },
  { name: 'format', command: bin('biome'), args: ['format', '.'] },
  {
    name: 'imports',
    command: bin('depcruise'),
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'model', 'client', 'server', 'runtime-agent'],
  },
  { name: 'dead code', command: bin('knip'), args: ['--no-progress'] },
  { name: 'generated', command: process.execPath, args: ['tools/generate.ts', '--check'] },
  { name: 'tidy', command: process.execPath, args: ['--test', '--test-reporter=dot', 'test/tidy.test.ts'] },
];

interface Outcome {
  readonly check: Check;
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
}

function run(check: Check): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(check.command, check.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const end = (code: number): void => resolve({ check, code, output, seconds: (performance.now() - started) / 1000 });
    child.on('error', (error) => {
      output += error.message;
      end(1);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

const only = process.argv.slice(2);
const queue = CHECKS.filter((check) => only.length === 0 || only.includes(check.name));
let failed = 0;
async function worker(): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift()) {
    const outcome = await run(check);
    if (outcome.code !== 0) failed++;
    console.log(`check: ${check.name} ${outcome.code === 0 ? 'ok' : 'FAILED'} (${outcome.seconds.toFixed(1)} s)`);
    if (outcome.code !== 0) console.log(outcome.output.trimEnd());
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
process.exit(failed === 0 ? 0 : 1);
