/** A terminal of VS Code with one of our programs behind it. */
import * as vscode from 'vscode';
import { terminalSession } from '../terminal/terminal-session.ts';
import type { TerminalProgram } from './ui.ts';

export function openProgramTerminal(name: string, icon: string, program: TerminalProgram): void {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<void>();
  const session = terminalSession(program, {
    write: (text) => written.fire(text),
    close: () => closed.fire(),
  });
  const pty: vscode.Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open: session.open,
    close: session.closed,
    handleInput: session.input,
    setDimensions: session.resize,
  };
  vscode.window.createTerminal({ name, pty, iconPath: new vscode.ThemeIcon(icon) }).show();
}
