import type { AddCommand, CopyCommand, CopyFlags, InlineFile } from './commands.ts';
import { type InstructionArguments, wordsOrJson } from './instruction-arguments.ts';
import { DecodeError } from './decode-error.ts';
import { inlineFiles } from './inline-files.ts';

/** COPY and ADD: sources (paths, URLs, here-documents) and the destination. */
export function decodeCopy(source: InstructionArguments, kind: 'COPY' | 'ADD'): CopyCommand | AddCommand {
  const words = wordsOrJson(source);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    const why = 'but only one was provided. Destination could not be determined';
    throw new DecodeError(`${kind} requires at least two arguments, ${why}`);
  }
  const inline: InlineFile[] = inlineFiles(source).map(({ name, content, expand }) => ({ name, content, expand }));
  const openers = source.instruction.heredocs.map(({ opener }) => source.text.slice(opener.start, opener.end));
  const sources = words.slice(0, -1).filter((word) => !openers.includes(word));
  if (openers.includes(destination)) throw new DecodeError(`${kind} cannot accept a heredoc as a destination`);
  const files = { sources, inline, destination };
  const { flags } = source;
  if (kind === 'COPY') return { kind, ...files, flags: copyFlags(source) };
  const checksum = flags.string('checksum');
  const unpack = flags.boolean('unpack');
  return {
    kind,
    ...files,
    flags: {
      ...copyFlags(source),
      keepGitDir: flags.boolean('keep-git-dir') ?? false,
      ...(checksum === undefined ? {} : { checksum }),
      ...(unpack === undefined ? {} : { unpack }),
    },
  };
}

function copyFlags({ flags }: InstructionArguments): CopyFlags {
  const [from, chown, chmod] = [flags.string('from'), flags.string('chown'), flags.string('chmod')];
  return {
    ...(from ? { from } : {}),
    ...(chown === undefined ? {} : { chown }),
    ...(chmod === undefined ? {} : { chmod }),
    link: flags.boolean('link') ?? false,
    parents: flags.boolean('parents') ?? false,
    exclude: flags.list('exclude'),
  };
}
