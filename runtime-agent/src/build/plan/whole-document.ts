import type { RunCommand } from '#model/dockerfile/commands.ts';

/** The command is a here-document and nothing else: its content is what is run, not what a shell reads. */
export function isWholeDocument({ command, inline }: RunCommand): boolean {
  return (
    command.form === 'shell' && inline.length === 1 && /^\d*<<-?(?:"[^"\s]+"|'[^'\s]+'|[^\s<"']+)$/.test(command.line)
  );
}
