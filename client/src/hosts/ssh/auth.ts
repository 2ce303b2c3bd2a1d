/** Proves to an SSH server who we are: keys, then the server's own questions, then a password (RFC 4252, RFC 4256). */
import type { AnyAuthMethod, AuthHandlerMiddleware, AuthenticationType, NextAuthHandler, Prompt } from 'ssh2';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { agentOver, findIdentities, type Identities } from './identities.ts';
import type { SshPrompts } from './prompts.ts';
import type { AuthMethod, SshTarget } from './target.ts';

export interface SshAuth {
  readonly handler: AuthHandlerMiddleware;
  /** The error to show when the server let nobody in. */
  failure(): EngineError;
}

const ATTEMPTS = 3;

interface Progress {
  readonly target: SshTarget;
  readonly prompts: SshPrompts;
  readonly identities: Identities;
  readonly tried: string[];
  readonly problems: string[];
  readonly attempts: Record<AuthMethod, number>;
  /** What the server said it accepts. */
  accepted: readonly string[];
  cancelled: boolean;
}

export async function sshAuth(target: SshTarget, prompts: SshPrompts): Promise<SshAuth> {
  const identities = await findIdentities(target, prompts);
  const progress: Progress = {
    target,
    prompts,
    identities,
    tried: [],
    problems: [...identities.problems],
    attempts: { publickey: 0, 'keyboard-interactive': 0, password: 0 },
    accepted: [],
    cancelled: false,
  };
  return {
    handler: (left: readonly AuthenticationType[] | null, _partial, next) => {
      if (left !== null) progress.accepted = left;
      if (left === null) next({ type: 'none', username: target.user });
      else void answerNext(progress, left, next);
    },
    failure: () => failure(progress),
  };
}

async function answerNext(progress: Progress, left: readonly string[], next: NextAuthHandler): Promise<void> {
  // The library's types leave out `false`: no method is left.
  const giveUp = next as unknown as (none: false) => void;
  try {
    const method = await nextMethod(progress, left);
    if (method === undefined) giveUp(false);
    else next(method);
  } catch (error) {
    progress.problems.push(messageOf(error));
    giveUp(false);
  }
}

async function nextMethod(progress: Progress, left: readonly string[]): Promise<AnyAuthMethod | undefined> {
  for (const name of progress.target.authentications) {
    const limit = name === 'publickey' ? 1 : ATTEMPTS;
    if (progress.cancelled) return undefined;
    if (!left.includes(name) || progress.attempts[name] >= limit) continue;
    progress.attempts[name]++;
    const method = await METHODS[name](progress);
    if (method !== undefined) return method;
  }
  return undefined;
}

const METHODS: Readonly<Record<AuthMethod, (progress: Progress) => Promise<AnyAuthMethod | undefined>>> = {
  publickey: async ({ identities, target, tried, problems }) => {
    if (identities.list.length === 0) return undefined;
    const sources = [...new Set(identities.list.map(({ source }) => source))];
    tried.push(`public key (${sources.join(', ')})`);
    const agent = agentOver(identities.list, (error) => problems.push(error.message));
    return { type: 'agent', username: target.user, agent };
  },
  'keyboard-interactive': async (progress) => {
    noteOnce(progress.tried, 'keyboard-interactive');
    const prompt = (
      _name: string,
      instructions: string,
      _lang: string,
      questions: Prompt[],
      finish: (answers: string[]) => void,
    ): void => void askAll(progress, instructions, questions).then(finish);
    return { type: 'keyboard-interactive', username: progress.target.user, prompt };
  },
  password: async (progress) => {
    const password = await progress.prompts.password(who(progress.target), progress.attempts.password);
    if (password === undefined) {
      progress.cancelled = true;
      return undefined;
    }
    noteOnce(progress.tried, 'password');
    return { type: 'password', username: progress.target.user, password };
  },
};

async function askAll(progress: Progress, instructions: string, questions: readonly Prompt[]): Promise<string[]> {
  const answers: string[] = [];
  for (const { prompt, echo } of questions) {
    const answer = progress.cancelled
      ? undefined
      : await progress.prompts.answer(who(progress.target), instructions, prompt, echo === true);
    if (answer === undefined) progress.cancelled = true;
    answers.push(answer ?? '');
  }
  return answers;
}

function noteOnce(list: string[], text: string): void {
  if (!list.includes(text)) list.push(text);
}

function who({ user, host }: SshTarget): string {
  return `${user}@${host}`;
}

function failure({ target, tried, accepted, problems, cancelled }: Progress): EngineError {
  if (cancelled) return new EngineError('cancelled', `Connecting to ${who(target)} was cancelled.`);
  const sentences = [
    `${who(target)} did not let you in.`,
    tried.length === 0 ? 'There was no key to try.' : `Tried: ${tried.join(', ')}.`,
    accepted.length === 0 ? '' : `The server accepts: ${accepted.join(', ')}.`,
    ...[...new Set(problems)].map((problem) => (problem.endsWith('.') ? problem : `${problem}.`)),
    `Check the user name, and that your public key is in ~${target.user}/.ssh/authorized_keys there.`,
  ];
  return new EngineError('unauthorized', sentences.filter((sentence) => sentence !== '').join(' '));
}
