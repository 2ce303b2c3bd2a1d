/** Lifecycle commands in the three forms of the specification. */
import type { LifecycleCommand } from './config.ts';

export interface LifecycleStep {
  /** Its key in the object form. */
  readonly name: string | undefined;
  readonly argv: readonly string[];
  /** As a person would type it. */
  readonly display: string;
}

/** The steps of one command: those of an object run side by side, a string goes through a shell. */
export function lifecycleSteps(command: LifecycleCommand): LifecycleStep[] {
  if (typeof command === 'string' || isList(command)) return stepOf(command, undefined);
  return Object.entries(command).flatMap(([name, one]) => stepOf(one, name));
}

function stepOf(command: string | readonly string[], name: string | undefined): LifecycleStep[] {
  if (command.length === 0) return [];
  if (typeof command === 'string') return [{ name, argv: ['/bin/sh', '-c', command], display: command }];
  return [{ name, argv: command, display: command.map(quoted).join(' ') }];
}

function isList(command: LifecycleCommand): command is readonly string[] {
  return Array.isArray(command);
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
