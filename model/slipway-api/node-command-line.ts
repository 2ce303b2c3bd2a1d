/** Command lines of Node.js programs. */

/** Options of node that take the next argument with them. */
const WITH_VALUE = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
]);

/** The script that a Node command line runs, as written; undefined for `-e`, the prompt and replaced titles. */
export function scriptOf(argv: readonly string[]): string | undefined {
  for (let i = 1; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (argument === '--') return argv[i + 1];
    if (WITH_VALUE.has(argument)) i++;
    else if (/^(-e|--eval|-p|--print|-pe)$/.test(argument)) return undefined;
    else if (!argument.startsWith('-') && argument !== '') return argument;
  }
  return undefined;
}
