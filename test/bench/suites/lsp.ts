/** `npm run bench -- lsp`: the language server beside that of others, on the same files. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildAll } from '../../../tools/build.ts';
import { type LanguageClient, startLanguageClient } from '../../support/language-client.ts';
import { type LanguagePeer, languagePeers, PEER_PACKAGES } from '../peers/language-servers.ts';
import { type BenchCase, type BenchSuite, type Measurement, timed } from '../suite.ts';

const URI = 'file:///bench/Dockerfile';
const ROUNDS = 20;

/** 500 lines as people write them: stages, arguments, package managers, heredocs, continued commands. */
const STAGE = `FROM debian:12 AS stage@
ARG VERSION@=1.2.@
ENV APP_HOME=/srv/app@ \\
    PATH=/opt/bin:$PATH
WORKDIR $APP_HOME
RUN --mount=type=cache,target=/var/cache/apt apt-get update && \\
    apt-get install -y --no-install-recommends \\
      curl=7.88.1-10 \\
      git=1:2.39.2-1.1 \\
    && rm -rf /var/lib/apt/lists/*
COPY --chown=1000:1000 package.json ./
RUN <<EOF
set -eu
for file in *.json; do
  echo "$file: $VERSION@"
done
EOF
COPY . .
LABEL org.opencontainers.image.version="$VERSION@"
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1
`;
const DOCKERFILE = Array.from({ length: 25 }, (_, i) => STAGE.replaceAll('@', String(i))).join('');

interface Ready extends AsyncDisposable {
  readonly client: LanguageClient;
  /** Changes the text, and waits for what the server says about the new one. */
  change(changes: readonly object[]): Promise<void>;
}

/** Slipway is asked for its diagnostics, as editors of today do; the other server only pushes them. */
async function ready({ server, name }: LanguagePeer): Promise<Ready> {
  if (server === undefined) throw new Error(`${name} is no language server`);
  const pulls = name === 'slipway';
  const client = await startLanguageClient(pulls ? { textDocument: { diagnostic: {} } } : {}, { server });
  let version = 1;
  const told = (): Promise<unknown> =>
    pulls ? client.ask('textDocument/diagnostic', URI) : client.nextDiagnostics(URI);
  await client.open(URI, 'dockerfile', DOCKERFILE);
  await told();
  return {
    client,
    async change(changes) {
      await client.change(URI, ++version, changes);
      await told();
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const prepared =
  (work: (ready: Ready, round: number) => Promise<unknown>) =>
  async (peer: LanguagePeer): Promise<Measurement> => {
    const open = await ready(peer);
    let round = 0;
    return {
      run: () => timed(() => work(open, ++round)),
      [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
    };
  };

const nothing = async (): Promise<void> => {};

/** From the start of the process to the first diagnostics, pushed by both. */
async function start({ server, name }: LanguagePeer): Promise<Measurement> {
  if (server === undefined) throw new Error(`${name} is no language server`);
  return {
    async run() {
      const started = performance.now();
      await using client = await startLanguageClient({}, { server });
      await client.open(URI, 'dockerfile', DOCKERFILE);
      await client.nextDiagnostics(URI);
      return performance.now() - started;
    },
    [Symbol.asyncDispose]: nothing,
  };
}

/** A blank comes and goes in the middle of the file. */
function keystroke({ change }: Ready, round: number): Promise<void> {
  const line = 250;
  const isEven = round % 2 === 0;
  const range = { start: { line, character: 0 }, end: { line, character: isEven ? 1 : 0 } };
  return change([{ range, text: isEven ? '' : ' ' }]);
}

async function memory(peer: LanguagePeer): Promise<Measurement> {
  const open = await ready(peer);
  return {
    async run() {
      for (let i = 0; i < 20; i++) await open.change([{ text: `${DOCKERFILE}\n# ${i}\n` }]);
      const status = await readFile(`/proc/${open.client.child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
    },
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
}

const SERVICES = Array.from(
  { length: 40 },
  (_, i) =>
    `  service${i}:\n    image: app:${i}.0\n    restart: always\n    ports:\n      - "127.0.0.1:${8000 + i}:80"\n`,
);

async function lintCompose({ name, lintCompose: command }: LanguagePeer): Promise<Measurement> {
  if (command === undefined) throw new Error(`${name} checks no Compose files`);
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-bench-lsp-'));
  const file = path.join(folder, 'compose.yaml');
  await writeFile(file, `services:\n${SERVICES.join('')}`);
  return {
    // What is found does not matter here: it ends with 1 then.
    run: () => timed(() => promisify(execFile)(process.execPath, [...command, file]).catch(() => {})),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const ask = (method: string, line: number, character: number): BenchCase<LanguagePeer>['open'] =>
  prepared(({ client }) => client.ask(method, URI, { position: { line, character } }));

const CASES: readonly BenchCase<LanguagePeer>[] = [
  { name: 'start to first diagnostics', unit: 'ms', rounds: 7, target: { ratio: 1, value: 200 }, open: start },
  {
    name: '500 lines, the whole text anew',
    unit: 'ms',
    rounds: ROUNDS,
    target: { ratio: 1, value: 8 },
    open: prepared(({ change }, round) => change([{ text: `${DOCKERFILE}\n# ${round}\n` }])),
  },
  {
    name: 'one keystroke to diagnostics',
    unit: 'ms',
    rounds: ROUNDS,
    target: { ratio: 1, value: 15 },
    open: prepared(keystroke),
  },
  {
    name: 'completion',
    unit: 'ms',
    rounds: ROUNDS,
    target: { ratio: 1, value: 10 },
    open: ask('textDocument/completion', 500, 0),
  },
  { name: 'hover', unit: 'ms', rounds: ROUNDS, target: { ratio: 1 }, open: ask('textDocument/hover', 20, 2) },
  {
    name: 'semantic tokens',
    unit: 'ms',
    rounds: ROUNDS,
    target: { ratio: 1 },
    open: ask('textDocument/semanticTokens/full', 0, 0),
  },
  { name: 'resident memory', unit: 'MB', rounds: 3, target: { value: 120 }, open: memory },
  { name: 'a Compose file by the command', unit: 'ms', rounds: 7, open: lintCompose },
];

export const lspSuite: BenchSuite<LanguagePeer> = {
  name: 'lsp',
  title: 'Language server',
  about:
    'The built server and that of others in turn, over stdio, on the same 500-line Dockerfile. Slipway is asked for its ' +
    'diagnostics, as editors of today do; `docker-langserver` pushes them after each change. `dclint` is no server: its ' +
    'command checks the same Compose file as `slipway lint`.',
  cases: CASES,
  async open() {
    await buildAll();
    const contenders = await languagePeers();
    const versions = Object.entries(PEER_PACKAGES).map(([name, version]) => `${name} ${version}`);
    return { contenders, versions: [...versions, `Node ${process.version}`], [Symbol.asyncDispose]: nothing };
  },
};
