/**
 * Finds files with capabilities: an extended attribute, which Node cannot ask for. GNU tar can, and tells them in its list by a
 * star behind the mode. One that stays reads names from its stdin and answers each at once: a name takes a hundredth of a
 * millisecond, a tar of its own five.
 */
import { spawn } from 'node:child_process';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { holdChild } from './hold-child.ts';
import { PLAIN_ENVIRONMENT } from './plain-environment.ts';

export interface CapabilityFinder {
  /** See Host.withCapabilities. */
  find(files: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ends the program that stands ready, until it is needed again. */
  rest(): void;
}

/** Into /dev/null tar packs no file, but counts its records; without --hard-dereference it would look once only at files with several names. */
const LIST = ['--create', '--file=/dev/null', '--record-size=1M', '-vv', '--quoting-style=c', '--numeric-owner'];
const CAPABILITIES = ['--hard-dereference', '--format=posix', '--xattrs', '--xattrs-include=security.capability'];
const NAMES = ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'];
/** Is on every machine, and asked for by nobody in these words: its line says that those before it have been looked at. */
const LAST = '/././';
const END = ` "${LAST}"\n`; // in the list no name has a line break or a plain quote

interface Lister {
  ended(): boolean;
  /** Lines of tar's list. One question at a time. */
  list(files: readonly string[]): Promise<string>;
  end(): void;
}

/** Who asks while the one that stands ready is at work gets another: a file server that hangs holds up nobody else. */
export function createCapabilityFinder(): CapabilityFinder {
  let ready: Lister | undefined;
  return {
    async find(files) {
      if (files.length === 0) return new Set();
      const lister = ready === undefined || ready.ended() ? openLister() : ready;
      ready = undefined;
      const text = await lister.list(files);
      if (ready === undefined) ready = lister;
      else lister.end();
      return starred(text);
    },
    rest() {
      ready?.end();
      ready = undefined;
    },
  };
}

function openLister(): Lister {
  // In a session of its own: a Ctrl-C is for the engine.
  const child = spawn('tar', [...LIST, ...CAPABILITIES, ...NAMES], {
    cwd: '/',
    env: PLAIN_ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  let answer = '';
  let asked: PromiseWithResolvers<string> | undefined;
  let ended = false;
  const fail = (why: string): void => {
    ended = true;
    asked?.reject(new EngineError('internal', why));
  };
  child.on('error', (error) => fail(`cannot start tar: ${messageOf(error)}`));
  child.on('close', () => fail('the tar that reads capabilities was ended from outside: try again'));
  child.stdin.on('error', () => (ended = true)); // `close` follows
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
    if (!answer.endsWith(END)) return;
    holdChild(child, false);
    asked?.resolve(answer);
    answer = '';
  });
  return {
    ended: () => ended,
    list(files) {
      asked = Promise.withResolvers();
      holdChild(child, true);
      child.stdin.write([...files, LAST].map((file) => `${file}\0`).join(''));
      return asked.promise;
    },
    end: () => void child.stdin.end(),
  };
}

function starred(text: string): Set<string> {
  const names = text.matchAll(/^-\S{9}\*.*? "(\/.*)"$/gm).map(([, quoted = '']) => unquoted(quoted));
  return new Set(names.map((name) => Buffer.from(name, 'latin1').toString()));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** As in C. */
function unquoted(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/g, (_all, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (ESCAPES[escape] ?? escape),
  );
}
