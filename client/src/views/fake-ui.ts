/** A user interface without a screen: questions are answered from a list, everything else is written down. */
import type { TerminalProgram, Ui } from './ui.ts';

export interface FakeUi extends Ui {
  /** What was shown, in order: `error: …`, `info: …`, `confirm: …`, `terminal: …`. */
  readonly shown: string[];
  readonly programs: TerminalProgram[];
  /** What was written to channels. */
  readonly output: string[];
  readonly texts: { readonly name: string; readonly text: string }[];
}

/** @param answers to picks (a part of the label), questions (the text) and confirmations (true or false), in order */
export function fakeUi(...answers: (string | boolean | undefined)[]): FakeUi {
  const shown: string[] = [];
  const programs: TerminalProgram[] = [];
  const output: string[] = [];
  const texts: { name: string; text: string }[] = [];
  return {
    shown,
    programs,
    output,
    texts,
    async pick(title, items) {
      shown.push(`pick: ${title}: ${items.map(({ label }) => label).join(', ')}`);
      const answer = answers.shift();
      return items.find(({ label }) => typeof answer === 'string' && label.includes(answer))?.value;
    },
    async ask({ title, prompt, validate }) {
      shown.push(`ask: ${title ?? prompt}`);
      const answer = answers.shift();
      if (typeof answer !== 'string') return undefined;
      const problem = validate?.(answer);
      if (problem !== undefined) throw new Error(`refused: ${problem}`);
      return answer;
    },
    async confirm(message) {
      shown.push(`confirm: ${message}`);
      return answers.shift() === true;
    },
    info: (message) => void shown.push(`info: ${message}`),
    warn: (message) => void shown.push(`warn: ${message}`),
    error: (message) => void shown.push(`error: ${message}`),
    progress: (_title, work) => work(() => undefined, new AbortController().signal),
    log: () => undefined,
    showLog: () => void shown.push('log'),
    channel: () => ({
      append: (text) => void output.push(text),
      appendLine: (line) => void output.push(`${line}\n`),
      clear: () => undefined,
      show: () => undefined,
    }),
    async openText(name, _language, text) {
      shown.push(`text: ${name}`);
      texts.push({ name, text });
    },
    openTerminal(name, _icon, program) {
      shown.push(`terminal: ${name}`);
      programs.push(program);
    },
    openShell: (name, env) => void shown.push(`shell: ${name} ${Object.keys(env).join()}`),
    runProgram: (name, { program, args, cwd, env }) => {
      const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
      shown.push(`program: ${name}: ${[program, ...args].join(' ')} (${[cwd, ...variables].join(', ')})`);
    },
    save: async (path) => void shown.push(`save: ${path}`),
    async chooseFiles(title) {
      shown.push(`files: ${title}`);
      const answer = answers.shift();
      return typeof answer === 'string' ? [answer] : [];
    },
    async chooseTarget(name) {
      shown.push(`target: ${name}`);
      const answer = answers.shift();
      return typeof answer === 'string' ? answer : undefined;
    },
    openWalkthrough: async (id) => void shown.push(`walkthrough: ${id}`),
    openExternal: async (url) => void shown.push(`open: ${url}`),
    copy: async (text) => void shown.push(`copy: ${text}`),
  };
}
