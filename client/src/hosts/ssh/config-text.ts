/** The text of an SSH configuration with its Include lines replaced by what they include (ssh_config(5)). */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const MAX_DEPTH = 16;

/**
 * @param file the configuration; a missing one reads as empty
 * @param folder what relative Include paths start from: ~/.ssh for a user's file, /etc/ssh for the system's
 */
export function configText(file: string, folder: string, home: string): string {
  return expand(file, folder, home, 0).join('\n');
}

function expand(file: string, folder: string, home: string, depth: number): string[] {
  const lines: string[] = [];
  let section = 'Host *';
  for (const line of readLines(file)) {
    if (/^\s*(host|match)[\s=]/i.test(line)) section = line;
    const include = /^\s*include[\s=]+(.*)$/i.exec(line);
    if (include === null) {
      lines.push(line);
      continue;
    }
    if (depth >= MAX_DEPTH) continue;
    for (const name of includedFiles(include[1] ?? '', folder, home))
      lines.push(...expand(name, folder, home, depth + 1));
    // What an included file opened ends with it: go back to the section the Include stands in.
    lines.push(section);
  }
  return lines;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return [];
  }
}

function includedFiles(value: string, folder: string, home: string): string[] {
  const words = [...value.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  return words
    .map((word) => path.resolve(folder, word.replace(/^~(?=\/)/, home)))
    .flatMap((pattern) => (/[*?[]/.test(pattern) ? globSync(pattern).sort() : [pattern]));
}
