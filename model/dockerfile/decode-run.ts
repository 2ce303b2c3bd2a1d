import type { RunCommand } from './commands.ts';
import { commandLine, type InstructionArguments } from './instruction-arguments.ts';
import { splitCsv } from './csv-line.ts';
import { DecodeError } from './decode-error.ts';
import { inlineFiles } from './inline-files.ts';

export function decodeRun(source: InstructionArguments): RunCommand {
  const { flags } = source;
  const mounts = flags.list('mount');
  for (const option of mounts) {
    if (option === '') throw new DecodeError('failed to parse csv mounts: EOF');
    if (splitCsv(option).some((field) => /^from=.*\$/i.test(field))) {
      throw new DecodeError("'from' doesn't support variable expansion, define alias stage instead");
    }
  }
  if (flags.list('device').length > 0) throw new DecodeError('RUN --device is not supported');
  return {
    kind: 'RUN',
    command: commandLine(source),
    inline: inlineFiles(source),
    mounts,
    network: oneOf('network', flags.string('network') ?? 'default', ['default', 'none', 'host']),
    security: oneOf('security', flags.string('security') ?? 'sandbox', ['sandbox', 'insecure']),
  };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new DecodeError(`invalid ${name} mode "${value}"`);
  return found;
}
