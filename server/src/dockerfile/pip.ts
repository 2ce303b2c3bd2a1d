import type { Command } from './commands.ts';

/** The pip behind `pip`, `pip3` or `python -m pip`, with pip's own arguments; undefined for other programs. */
export function pipOf(command: Command): Command | undefined {
  const { program, args } = command;
  if (!program.text.startsWith('p')) return undefined;
  if (/^pip[\d.]*$/.test(program.text)) return command;
  const module = args.findIndex(({ text }) => text === '-m');
  const pip = args[module + 1];
  if (!/^python[\d.]*$/.test(program.text) || module === -1 || pip?.text !== 'pip') return undefined;
  return { ...command, program: pip, args: args.slice(module + 2) };
}
