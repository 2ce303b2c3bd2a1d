/** Which of a container's Node processes is the app itself, and which only start it. Pure. */
import { posix } from 'node:path';
import type { ContainerProcess } from '#model/slipway-api/debug.ts';
import { scriptOf } from '#model/slipway-api/node-command-line.ts';

/** Programs that start and restart the app in a process of its own, by the name of their script. */
const LAUNCHERS = new RegExp(
  `^(${[
    'npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack|turbo|nx', // package managers, task runners
    'nodemon|node-dev|supervisor|forever|ts-node-dev|tsnd|tsx|tsc-watch|pm2', // restarters
    'concurrently|npm-run-all|run-[ps]|cross-env(-shell)?|dotenv(-cli)?|env-cmd|wait-on', // wrappers of scripts
  ].join('|')})(-cli)?(-[\\d.]+)?([.][cm]?js)?$`,
);
/** They set their process title, which replaces the argument list: `npm run dev`, `PM2 v5.3.0: God Daemon`. */
const LAUNCHER_TITLES = /^(npm|npx|yarn|pnpm|nodemon|PM2|concurrently)\b/;
const WATCH_FLAG = /^--(watch(-path(=.*)?|-preserve-output)?|test)$/;
export function isLauncher(argv: readonly string[]): boolean {
  if (argv.filter((part) => part !== '').length === 1 && LAUNCHER_TITLES.test(argv[0] ?? '')) return true;
  const script = scriptOf(argv);
  const own = script === undefined ? argv : argv.slice(0, argv.indexOf(script));
  if (own.some((argument) => WATCH_FLAG.test(argument))) return true;
  if (script === undefined) return false;
  const name = posix.basename(script);
  // cli.mjs, cli.js: only of the packages that are known to start others
  if (/^cli\.[cm]?js$/.test(name)) return /\/(tsx|nodemon|concurrently|npm|corepack)\//.test(script);
  return LAUNCHERS.test(name);
}

/**
 * The Node processes that a person could mean by "the app", the most likely first: not launchers, not Slipway's own; of a
 * process whose children run the same script (cluster workers) the children.
 */
export function nodeApps(processes: readonly ContainerProcess[]): ContainerProcess[] {
  const nodes = processes.filter((one) => one.runtime === 'node' && one.tooling !== true);
  const apps = nodes.filter((one) => one.launcher !== true);
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const helperOf = (one: ContainerProcess): ContainerProcess | undefined => {
    for (const ancestor of ancestors(one, byPid)) if (apps.includes(ancestor)) return ancestor;
    return undefined;
  };
  const workersOf = (one: ContainerProcess): ContainerProcess[] =>
    apps.filter((other) => other.parent === one.pid && (isNextServer(other) || sameScript(one, other)));
  return apps
    .filter((one) => {
      const parent = helperOf(one);
      if (workersOf(one).length > 0) return false;
      return parent === undefined || workersOf(parent).includes(one);
    })
    .sort((a, b) => a.pid - b.pid);
}

function sameScript(a: ContainerProcess, b: ContainerProcess): boolean {
  const script = scriptOf(a.argv);
  return script !== undefined && script === scriptOf(b.argv);
}

/** Next.js runs the app in a child that it names so. */
function isNextServer({ argv }: ContainerProcess): boolean {
  return (argv[0] ?? '').startsWith('next-server');
}

function* ancestors(
  process: ContainerProcess,
  byPid: ReadonlyMap<number, ContainerProcess>,
): Generator<ContainerProcess> {
  const seen = new Set([process.pid]);
  for (let one = byPid.get(process.parent); one !== undefined && !seen.has(one.pid); one = byPid.get(one.parent)) {
    seen.add(one.pid);
    yield one;
  }
}

/** `npm run dev -> nodemon -> node server.js`, for the log. */
export function chainOf(process: ContainerProcess, processes: readonly ContainerProcess[]): string {
  const byPid = new Map(processes.map((one) => [one.pid, one]));
  const line = [process, ...[...ancestors(process, byPid)].filter((one) => one.runtime === 'node')].reverse();
  return line.map(({ argv }) => commandLine(argv)).join(' -> ');
}

function commandLine(argv: readonly string[]): string {
  const [program = '', ...rest] = argv.filter((part) => part !== '');
  return [posix.basename(program), ...rest].join(' ').slice(0, 120);
}
