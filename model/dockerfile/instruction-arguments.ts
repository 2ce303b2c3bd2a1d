/** What the decoders of single instructions are given, and the readings that several of them share. */
import type { CommandLine } from './commands.ts';
import type { InstructionFlags } from './instruction-flags.ts';
import type { Instruction } from './syntax/tree.ts';

export interface InstructionArguments {
  readonly instruction: Instruction;
  /** The Dockerfile. */
  readonly text: string;
  readonly escape: '\\' | '`';
  readonly flags: InstructionFlags;
  /** The arguments as one line. */
  readonly body: string;
}

/** The exec form when the arguments are a JSON array of strings, the shell form otherwise. */
export function commandLine({ instruction, body }: InstructionArguments): CommandLine {
  const { json } = instruction;
  return json === undefined
    ? { form: 'shell', line: body }
    : { form: 'exec', argv: json.items.map((item) => item.text) };
}

/** The items of the JSON form, or the words between white space. */
export function wordsOrJson({ instruction }: InstructionArguments): string[] {
  return (instruction.json?.items ?? instruction.words).map((item) => item.text);
}
