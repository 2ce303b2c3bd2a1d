import { type Command, type CommandWord, operands } from '../../dockerfile/commands.ts';

const VALUE_FLAGS: ReadonlySet<string> = new Set([
  '-ldflags',
  '-tags',
  '-o',
  '-p',
  '-mod',
  '-C',
  '-gcflags',
  '-asmflags',
]);

/** Packages of other modules: those with a host in their path, and tools by name. */
export function goPackages(command: Command): readonly CommandWord[] {
  if (command.program.text !== 'go') return [];
  const [subcommand, ...rest] = operands(command, VALUE_FLAGS);
  if (subcommand === undefined || !['install', 'get', 'run'].includes(subcommand.text)) return [];
  const isTool = rest[0]?.text === 'tool' || command.args.some(({ text }) => text === '-tool');
  const packages = rest.filter(({ text }, i) => i > 0 || text !== 'tool');
  // What stands behind the package of `go run` are its arguments.
  const own = subcommand.text === 'run' ? packages.slice(0, 1) : packages;
  return own.filter(({ text }) => (isTool ? !isLocal(text) : /^[^./][^/]*\.[^/]+\//.test(text)));
}

export function isPinnedGoPackage(text: string): boolean {
  return /@(?!latest$)./.test(text);
}

function isLocal(text: string): boolean {
  return /^[./]/.test(text);
}
