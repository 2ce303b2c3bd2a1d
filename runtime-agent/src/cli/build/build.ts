/** `slipway build`. */
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';
import { type BuildWarning, warningsText } from '#model/rules/build-warnings.ts';
import type { Host } from '../../host/host.ts';
import { answerCall, type BuildCall, type ClientSide, readAgent, readSecret } from './answer-calls.ts';
import { BUILD_USAGE, type BuildOptions, readBuildOptions, readPairs } from './build-options.ts';
import { type CacheOptions, readCacheOptions } from './cache-options.ts';
import { checkReport } from './check.ts';
import { openBuildSource, readCheckSource } from './build-source.ts';
import { type EngineClient, engineClient } from './engine-client.ts';
import { type NamedContexts, readNamedContexts } from './named-context.ts';
import { type Outputs, readOutputs } from './outputs.ts';
import { type RegistryLogins, registryLogins } from './registry-login.ts';

export interface BuildCommand {
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly host: Host;
  readonly defaultSocket: string;
  readonly signal: AbortSignal;
}

/** Gives the exit code. Throws EngineError. */
export async function runBuildCommand(command: BuildCommand): Promise<number> {
  const options = readBuildOptions(command.args);
  const [context, ...more] = options.context;
  if (options.help) {
    command.stdout.write(BUILD_USAGE);
    return 0;
  }
  if (context === undefined || more.length > 0)
    throw new EngineError('invalid', "'slipway build' needs exactly one context\nSee 'slipway build --help'.");
  if (options.platform?.includes(','))
    throw new EngineError(
      'invalid',
      `--platform ${options.platform}: one build is of one platform; build each in turn`,
    );
  if (options.check) return check(options, context, command);
  const outputs = readOutputs(options);
  const caches = readCacheOptions(options['cache-from'], options['cache-to']);
  const contexts = readNamedContexts(readPairs(options['build-context'], {}));
  const side = clientSide({ options, outputs, caches, contexts }, command);
  const address = options.host ?? command.environment['DOCKER_HOST'] ?? `unix://${command.defaultSocket}`;
  const client = engineClient(address, command.signal);
  const source = await openBuildSource(context, options.file, command.stdin);
  const query = queryOf(options, outputs, command.environment);
  if (caches.imports.length > 0) query.set('cacheimport', JSON.stringify(caches.imports));
  if (caches.exports.length > 0) query.set('cacheexport', JSON.stringify(caches.exports));
  query.set('dockerfile', source.dockerfile);
  query.set('contexts', JSON.stringify(contexts.sources));
  if (source.remote !== '') query.set('remote', source.remote);
  const logins = registryLogins(command.host, command.environment, (text) => void command.stderr.write(text));
  const headers = { 'Content-Type': 'application/x-tar', ...(await logins.forBuild()) };
  const answer = await client.post(`/slipway/v1/build?${query}`, source.body, headers);
  const imageId = await follow(answer, { client, side, command, options });
  if (outputs.push)
    for (const name of [...options.tag, ...outputs.names]) await push(name, { client, logins, command });
  if (options.iidfile !== undefined) writeFileSync(options.iidfile, imageId);
  if (options['metadata-file'] !== undefined) {
    const names = [...options.tag, ...outputs.names].join(',');
    const metadata = { 'containerimage.digest': imageId, ...(names === '' ? {} : { 'image.name': names }) };
    writeFileSync(options['metadata-file'], `${JSON.stringify(metadata, null, 2)}\n`);
  }
  if (isQuiet(options) && imageId !== '') command.stdout.write(`${imageId}\n`);
  return 0;
}

async function check(options: BuildOptions, context: string, command: BuildCommand): Promise<number> {
  const source = await readCheckSource(context, options.file, command.stdin);
  const given = readPairs(options['build-arg'], command.environment);
  const { report, error, code } = checkReport({ ...source, target: options.target ?? '', given });
  command.stdout.write(report);
  if (error !== undefined) command.stderr.write(`ERROR: ${error}\n`);
  return code;
}

const isQuiet = ({ quiet, progress }: BuildOptions): boolean => quiet || progress === 'quiet';

interface SideParts {
  readonly options: BuildOptions;
  readonly outputs: Outputs;
  readonly caches: CacheOptions;
  readonly contexts: NamedContexts;
}

function clientSide(
  { options, outputs, caches, contexts }: SideParts,
  { environment, stdout, host }: BuildCommand,
): ClientSide {
  return {
    secrets: new Map(options.secret.map((text) => readSecret(text, environment))),
    agents: new Map(options.ssh.map((text) => readAgent(text, environment))),
    contexts: contexts.folders,
    layouts: new Map([...caches.folders, ...contexts.layouts]),
    outputs: outputs.wanted,
    stdout,
    host,
  };
}

function queryOf(options: BuildOptions, outputs: Outputs, environment: NodeJS.ProcessEnv): URLSearchParams {
  const query = new URLSearchParams();
  const add = (name: string, values: readonly string[]): void => values.forEach((value) => query.append(name, value));
  const set = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') query.set(name, value);
  };
  add('t', [...options.tag, ...outputs.names]);
  set('buildargs', JSON.stringify({ ...epochOf(environment), ...readPairs(options['build-arg'], environment) }));
  set('labels', JSON.stringify(readPairs(options.label, {})));
  set('target', options.target);
  set('platform', options.platform);
  set('networkmode', options.network);
  add('extrahosts', options['add-host']);
  set('shmsize', options['shm-size']);
  set('memory', options.memory);
  if (options.ulimit.length > 0) set('ulimits', JSON.stringify(options.ulimit.map(readUlimit)));
  for (const [flag, name] of [
    ['no-cache', 'nocache'],
    ['pull', 'pull'],
    ['squash', 'squash'],
  ] as const)
    if (options[flag]) query.set(name, '1');
  add(
    'nocachefilter',
    options['no-cache-filter'].flatMap((text) => text.split(',')),
  );
  add('allow', options.allow);
  add(
    'secret',
    options.secret.map((text) => readSecret(text, environment)[0]),
  );
  add(
    'agent',
    options.ssh.map((text) => readAgent(text, environment)[0]),
  );
  add(
    'output',
    outputs.wanted.map(({ kind }, i) => `${kind}:${i}`),
  );
  if (outputs.rewriteTimes) query.set('rewritetimes', '1');
  if (!outputs.keep) query.set('keepimage', '0');
  return query;
}

/** As buildx: what the environment says of reproducible builds counts without being asked for. */
function epochOf({ SOURCE_DATE_EPOCH: epoch }: NodeJS.ProcessEnv): Record<string, string> {
  return epoch === undefined || epoch === '' ? {} : { SOURCE_DATE_EPOCH: epoch };
}

function readUlimit(text: string): { Name: string; Soft: number; Hard: number } {
  const match = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw new EngineError('invalid', `--ulimit ${text}: use NAME=SOFT[:HARD]`);
  return { Name: match[1] ?? '', Soft: Number(match[2]), Hard: Number(match[3] ?? match[2]) };
}

interface Message {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number };
  readonly aux?: { readonly ID?: string };
  readonly slipway?: BuildCall | { readonly warning: BuildWarning };
}

const ADVICE = 'use --check to expand';

interface FollowScope {
  readonly client: EngineClient;
  readonly side: ClientSide;
  readonly command: BuildCommand;
  readonly options: BuildOptions;
}

/** Prints what the engine says, answers what it asks, and gives the image's id, '' when none was kept. */
async function follow(answer: IncomingMessage, { client, side, command, options }: FollowScope): Promise<string> {
  let imageId = '';
  const answers: Promise<void>[] = [];
  const warnings: BuildWarning[] = [];
  const say = (text: string): void => void (isQuiet(options) || command.stderr.write(text));
  for await (const line of createInterface({ input: answer })) {
    if (line.trim() === '') continue;
    if (options.progress === 'rawjson') command.stderr.write(`${line}\n`);
    const message = JSON.parse(line) as Message;
    if (message.error !== undefined) {
      await Promise.allSettled(answers);
      say(warningsText(warnings, ADVICE));
      throw new EngineError('internal', message.error.trimEnd());
    }
    if (message.aux?.ID !== undefined) imageId = message.aux.ID;
    if (message.slipway !== undefined && 'warning' in message.slipway) warnings.push(message.slipway.warning);
    else if (message.slipway !== undefined) {
      const work = answerCall(message.slipway, client, side);
      if (message.slipway.kind === 'output') answers.push(work);
      else work.catch((error: unknown) => say(`${(error as Error).message}\n`));
    }
    if (options.progress === 'rawjson') continue;
    if (message.stream !== undefined) say(message.stream);
    else if (message.status !== undefined && message.progress === undefined)
      say(`${message.id === undefined ? '' : `${message.id}: `}${message.status}\n`);
  }
  await Promise.all(answers);
  if (options.progress !== 'rawjson') say(warningsText(warnings, ADVICE));
  if (!answer.complete) throw new EngineError('unavailable', 'the engine ended in the middle of the build');
  return imageId;
}

interface PushScope {
  readonly client: EngineClient;
  readonly logins: RegistryLogins;
  readonly command: BuildCommand;
}

async function push(name: string, { client, logins, command }: PushScope): Promise<void> {
  const { repository, tag } = splitName(name);
  const query = new URLSearchParams({ tag });
  const headers = await logins.forPush(repository);
  const answer = await client.post(`/images/${repository}/push?${query}`, undefined, headers);
  for (const line of (await buffer(answer)).toString().split('\n')) {
    if (line.trim() === '') continue;
    const message = JSON.parse(line) as Message;
    if (message.error !== undefined) throw new EngineError('invalid', message.error);
    if (message.status !== undefined && message.progress === undefined) command.stderr.write(`${message.status}\n`);
  }
}

function splitName(name: string): { readonly repository: string; readonly tag: string } {
  const match = /^(.*?)(?::([^:/]+))?$/.exec(name);
  return { repository: match?.[1] ?? name, tag: match?.[2] ?? 'latest' };
}
