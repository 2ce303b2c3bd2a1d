/** A terminal of VS Code with one of our programs behind it. */
import * as vscode from 'vscode';
import { messageOf } from '#model/engine-api/errors.ts';
import type { TerminalProgram } from './ui.ts';

/** The exit code of a program that a person ended with Ctrl-C or Ctrl-D is nothing to talk about. */
const QUIET_CODES = new Set([0, 130]);

export function openProgramTerminal(name: string, icon: string, program: TerminalProgram): void {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<void>();
  const stopping = new AbortController();
  let ended = false;
  const decoder = new TextDecoder();
  const end = (message: string): void => {
    ended = true;
    written.fire(`\r\n${message}\r\n\u001b[2mPress any key to close.\u001b[0m`);
  };
  const run = async (size: vscode.TerminalDimensions | undefined): Promise<void> => {
    const write = (data: Uint8Array | string): void =>
      written.fire(typeof data === 'string' ? data : decoder.decode(data, { stream: true }));
    try {
      const code = await program.run({ size, write }, stopping.signal);
      if (code === undefined) ended = true;
      else if (QUIET_CODES.has(code)) closed.fire();
      else end(`\u001b[33mEnded with exit code ${code}.\u001b[0m`);
    } catch (error) {
      if (!stopping.signal.aborted) end(`\u001b[31m${messageOf(error)}\u001b[0m`);
    }
  };
  const pty: vscode.Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open: (size) => void run(size),
    close: () => stopping.abort(),
    handleInput(data) {
      if (ended) closed.fire();
      else program.input?.(data);
    },
    setDimensions: (size) => program.resize?.(size),
  };
  vscode.window.createTerminal({ name, pty, iconPath: new vscode.ThemeIcon(icon) }).show();
}
