/**
 * `npm run build`: the bundles (client and server CommonJS, agent ESM) and the `slipway` executable, in dist/.
 * Does nothing when no source is newer than the last build.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { lazyBuiltins } from './lazy-builtins.ts';
import { otherUnixSockets } from './setup/unix-socket.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  minify: false,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
  // Optional native parts that the libraries do without.
  external: ['vscode', 'cpu-features', '*.node'],
  mainFields: ['module', 'main'],
};

/** Started again and again, and soon wanted: less to read, but with its names, for traces that can be understood. */
const QUICK: BuildOptions = {
  ...COMMON,
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [lazyBuiltins(['child_process', 'crypto'])],
  // CommonJS has it by another name.
  define: { 'import.meta.filename': '__filename' },
};

const AGENT: BuildOptions = {
  ...COMMON,
  format: 'esm',
  target: 'node24',
  minifySyntax: true,
  minifyWhitespace: true,
};

const BUNDLES: readonly BuildOptions[] = [
  { ...COMMON, format: 'cjs', entryPoints: ['client/src/extension.ts'], outfile: 'dist/client/extension.cjs' },
  { ...QUICK, entryPoints: ['server/src/main.ts'], outfile: 'dist/server/server.cjs' },
  { ...QUICK, entryPoints: ['server/src/lint/main.ts'], outfile: 'dist/server/lint.cjs' },
  {
    ...AGENT,
    entryPoints: ['runtime-agent/src/netns-relay.ts'],
    outfile: 'dist/agent/netns-relay.mjs',
  },
  {
    ...AGENT,
    entryPoints: ['runtime-agent/src/main.ts'],
    outfile: 'dist/agent/agent.mjs',
    external: [...(COMMON.external ?? []), 'node-unix-socket'],
    // `import … from 'node:http'` makes Node read all that the module exports, WebSocket among it: 12 MB that nobody uses.
    plugins: [lazyBuiltins(['crypto', 'http', 'http2', 'https', 'tls', 'util'])],
    // CommonJS dependencies inside an ES module need a `require`.
    banner: {
      js: "import { createRequire as slipwayRequire } from 'node:module'; const require = slipwayRequire(import.meta.url);",
    },
  },
];

/** Runs under any Node: finds Node 24 or newer (its own first), then hands over. CommonJS, as every Node reads it. */
const LAUNCHER = readFileSync(path.join(import.meta.dirname, 'launcher.cjs'), 'utf8');

/** For this machine, and for others as far as set-up has them. */
async function unixSocketBinaries(): Promise<string[]> {
  const own = globSync(path.join(root, 'node_modules', 'node-unix-socket-linux-*'));
  if (own.length === 0) throw new Error('node-unix-socket has no binary for this machine: run npm ci again');
  const names = new Set(own.map((folder) => path.basename(folder)));
  return [...own, ...(await otherUnixSockets()).filter((folder) => !names.has(path.basename(folder)))];
}

/** The native module is not bundled: it lies beside the agent as a package of its own, without what it does not need. */
function copyUnixSocket(binaries: readonly string[]): void {
  const require = createRequire(import.meta.url);
  const source = path.dirname(require.resolve('node-unix-socket/package.json'));
  const target = path.join(dist, 'agent', 'node_modules');
  for (const folder of [source, ...binaries]) {
    const wanted = /(^|\/)(package\.json|LICENSE|[^/]+\.(js|node))$/;
    cpSync(folder, path.join(target, path.basename(folder)), {
      recursive: true,
      filter: (name) => statSync(name).isDirectory() || (wanted.test(name) && !name.endsWith('.config.js')),
    });
  }
}

function sourcesHash(binaries: readonly string[]): string {
  const hash = createHash('sha256').update(binaries.map((folder) => path.basename(folder)).join());
  const files = globSync('{model,client,server,runtime-agent}/**/*.ts', { cwd: root }).filter(
    (name) => !name.endsWith('.test.ts'),
  );
  for (const name of [
    ...files,
    'package-lock.json',
    'tools/build.ts',
    'tools/compiled.cjs',
    'tools/lazy-builtins.ts',
    'tools/launcher.cjs',
    'tools/lint-worker.cjs',
    'tools/server-launcher.cjs',
  ].sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(path.join(root, name)));
  }
  return hash.digest('hex');
}

/** Builds what is out of date; answers whether anything was built. */
export async function buildAll(): Promise<boolean> {
  const stamp = path.join(dist, '.build');
  const binaries = await unixSocketBinaries();
  const wanted = sourcesHash(binaries);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  for (const part of ['client', 'server', 'agent', '.build'])
    rmSync(path.join(dist, part), { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  await Promise.all(BUNDLES.map((options) => build(options)));
  copyUnixSocket(binaries);
  copyFileSync(path.join(import.meta.dirname, 'server-launcher.cjs'), path.join(dist, 'server', 'main.cjs'));
  for (const name of ['compiled.cjs', 'lint-worker.cjs'])
    copyFileSync(path.join(import.meta.dirname, name), path.join(dist, 'server', name));
  writeFileSync(path.join(dist, 'slipway'), LAUNCHER);
  chmodSync(path.join(dist, 'slipway'), 0o755);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  writeFileSync(path.join(dist, 'package.json'), `${JSON.stringify({ type: 'commonjs', version })}\n`);
  writeFileSync(stamp, wanted);
  return true;
}

if (process.argv[1] === import.meta.filename) {
  const built = await buildAll();
  console.log(built ? 'build: done' : 'build: up to date');
}
