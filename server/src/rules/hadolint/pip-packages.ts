import { type Command, type CommandWord, operands } from '../../dockerfile/commands.ts';
import { pipOf } from '../../dockerfile/pip.ts';
import { VALUE_FLAGS } from './value-flags.ts';

/** What `pip install` is told to install; nothing when files say it (`-r`, `-c`) or the project itself is meant (`.`). */
export function pipPackages(command: Command): readonly CommandWord[] {
  const pip = pipOf(command);
  if (pip === undefined) return [];
  if (pip.args.some(({ text }) => /^(?:-r|--requirement|-c|--constraint|--group)|^\.$/.test(text))) return [];
  const [subcommand, ...rest] = operands(pip, VALUE_FLAGS.pip);
  return subcommand?.text === 'install' ? rest : [];
}

const VCS = /^(?:git|hg|svn|bzr)(?:\+[\w-]+)?:\/\//;

/** Repositories need an `@commit`; files, folders and URLs are what they are. */
export function isPinnedPipPackage(text: string): boolean {
  if (VCS.test(text)) return /@/.test(text.replace(/^[^:]+:\/\/(?:[^/@]*@)?/, ''));
  return /[=<>]|[!~]=|\/|\.(?:whl|tar\.gz|zip)$| @ /.test(text);
}
