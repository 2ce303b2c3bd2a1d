/**
 * The simple commands of a shell script: enough of the grammar (POSIX "Shell Command Language") to know which programs
 * run with which words. What is not understood is passed over; nothing throws.
 */

export interface ShellWord {
  /** Quotes and escapes removed; variables as written. */
  readonly text: string;
  /** Offsets in the script. */
  readonly start: number;
  readonly end: number;
}

export interface ShellCommand {
  /** The program, then its arguments; assignments before it and redirections are left out. */
  readonly words: readonly ShellWord[];
  /** It reads what the command before it writes. */
  readonly piped: boolean;
  /** Its output goes to the next command. */
  readonly pipes: boolean;
  /** Inside `( … )` or `$( … )`. */
  readonly subshell: boolean;
}

interface Reader {
  readonly text: string;
  readonly end: number;
  at: number;
  readonly commands: ShellCommand[];
  /** Of subshells around the place. */
  depth: number;
}

/** Fuel: the reader is recursive. What is nested deeper is passed over. */
const DEEPEST = 100;
/** Longer patterns of a case are not looked for. */
const LONGEST_PATTERN = 1000;

const KEYWORDS: ReadonlySet<string> = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '!', '{', 'time']);
const DELIMITERS = /[\s;&|()<>]/;

export function readShell(text: string, start = 0, end = text.length): ShellCommand[] {
  const reader: Reader = { text, end, at: start, commands: [], depth: 0 };
  readList(reader, false);
  return reader.commands;
}

/** Up to the end, or to the `)` that closes the subshell. */
function readList(reader: Reader, subshell: boolean): void {
  if (reader.depth > DEEPEST) {
    reader.at = reader.end;
    return;
  }
  reader.depth++;
  let piped = false;
  let cases = 0;
  let words: ShellWord[] = [];
  const finish = (pipes: boolean): void => {
    const found = withoutPrefix(words);
    if (found.length > 0) reader.commands.push({ words: found, piped, pipes, subshell });
    piped = pipes;
    words = [];
  };
  while (reader.at < reader.end) {
    const char = reader.text[reader.at] ?? '';
    if (char === ')' && subshell) break;
    if (OPERATORS.has(char)) {
      const operator = readOperator(reader);
      finish(operator === '|');
      if (operator === ';;' && cases > 0) skipPattern(reader);
    } else if (char === '(') {
      reader.at++;
      readList(reader, true);
      reader.at++;
    } else if (/\s/.test(char)) reader.at++;
    else if (char === '#' && startsWord(reader)) skipLine(reader);
    else if (char === '<' || char === '>' || isRedirection(reader)) skipRedirection(reader);
    else {
      words.push(readWord(reader));
      if (words.at(-1)?.text === 'esac') cases--;
      if (words[0]?.text !== 'case' || words.length < 3 || words.at(-1)?.text !== 'in') continue;
      cases++;
      words = [];
      skipPattern(reader);
    }
  }
  finish(false);
  reader.depth--;
}

const OPERATORS: ReadonlySet<string> = new Set(['\n', ';', '&', '|', ')']);
const PATTERN = /^(?:\s|#[^\n]*\n|\\\n)*(?!esac\b)\(?(?:"[^"]*"|'[^']*'|[^)"'\n])*\)/;

/** `a|b)` of a case: its bars are no pipes. */
function skipPattern(reader: Reader): void {
  const ahead = reader.text.slice(reader.at, Math.min(reader.end, reader.at + LONGEST_PATTERN));
  reader.at += PATTERN.exec(ahead)?.[0].length ?? 0;
}

function startsWord({ text, at }: Reader): boolean {
  return at === 0 || /[\s;&|(]/.test(text[at - 1] ?? '');
}

function skipLine(reader: Reader): void {
  while (reader.at < reader.end && reader.text[reader.at] !== '\n') reader.at++;
}

/** `&&`, `||`, `|&` and their single halves. */
function readOperator(reader: Reader): string {
  const two = reader.text.slice(reader.at, reader.at + 2);
  const length = two === '&&' || two === '||' || two === ';;' || two === '|&' ? 2 : 1;
  reader.at += length;
  return two === '|&' ? '|' : two.slice(0, length);
}

const REDIRECTION = /\d*(?:<<<|<<-?|>>|>\||<>|[<>])(&(?:\d+|-)?)?/y;

/** `2>` and the like: digits right before. */
function isRedirection(reader: Reader): boolean {
  return startsWord(reader) && /^\d+[<>]/.test(reader.text.slice(reader.at, reader.at + 4));
}

/** The operator with its file; `>&2` has none. */
function skipRedirection(reader: Reader): void {
  REDIRECTION.lastIndex = reader.at;
  const match = REDIRECTION.exec(reader.text);
  reader.at += Math.max(1, match?.[0].length ?? 1);
  if (/&./.test(match?.[1] ?? '')) return;
  while (reader.at < reader.end && /[ \t]/.test(reader.text[reader.at] ?? '')) reader.at++;
  if (reader.at < reader.end && !DELIMITERS.test(reader.text[reader.at] ?? '')) readWord(reader);
}

function readWord(reader: Reader): ShellWord {
  const start = reader.at;
  let text = '';
  let quote = '';
  while (reader.at < reader.end) {
    const char = reader.text[reader.at] ?? '';
    if (quote !== "'" && char === '$' && reader.text[reader.at + 1] === '(') {
      text += readSubstitution(reader);
      continue;
    }
    if (quote === '' && DELIMITERS.test(char)) break;
    reader.at++;
    if (char === '\\' && quote !== "'") {
      const next = reader.text[reader.at] ?? '';
      reader.at++;
      if (next !== '\n') text += quote === '"' && !'"$`\\'.includes(next) ? char + next : next;
    } else if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else text += char;
  }
  return { text, start, end: Math.min(reader.at, reader.end) };
}

/** `$( … )`: the commands inside are found too. */
function readSubstitution(reader: Reader): string {
  const start = reader.at;
  reader.at += 2;
  readList(reader, true);
  reader.at++;
  return reader.text.slice(start, reader.at);
}

/** Without keywords, assignments, and programs that only run another. */
function withoutPrefix(words: readonly ShellWord[]): readonly ShellWord[] {
  let first = 0;
  while (first < words.length) {
    const text = words[first]?.text ?? '';
    if (KEYWORDS.has(text) || /^[A-Za-z_]\w*\+?=/.test(text)) first++;
    else if (text === 'env' || text === 'exec' || text === 'command' || text === 'nice') first++;
    else break;
  }
  return words.slice(first);
}
