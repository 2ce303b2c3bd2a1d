/**
 * The action of an event about a process that is started in a container. As in Docker the program and its arguments have a
 * space between them, even when there are none.
 */
export function execAction(name: 'exec_create' | 'exec_start', [program = '', ...args]: readonly string[]): string {
  return `${name}: ${program} ${args.join(' ')}`;
}
