import type { RunCommand } from './commands.ts';
import type { InstructionArguments } from './instruction-arguments.ts';
import { DecodeError } from './decode-error.ts';

/** The here-documents of an instruction, as files. */
export function inlineFiles({ instruction, text }: InstructionArguments): RunCommand['inline'] {
  return instruction.heredocs.map((doc) => {
    if (doc.terminator === undefined) throw new DecodeError('unterminated heredoc');
    const written = text.slice(doc.content.start, doc.content.end);
    const content = doc.chomp ? written.replace(/^\t+/gm, '') : written;
    return { name: doc.name, content, expand: doc.expand, written };
  });
}
