/**
 * Variable expansion of Dockerfiles: `$x`, `${x}` and the modifiers `:-` `:+` `:?` `-` `+` `?` `#` `##` `%` `%%` `/` `//`,
 * with quotes and escapes (Dockerfile reference, "Environment replacement"). It never throws: `error` says what is wrong.
 */
import {
  parsePattern,
  removePrefix,
  removeSuffix,
  replaceAll,
  replaceFirst,
  reversePattern,
  type ShellPattern,
} from './shell-pattern.ts';

/** The value of a variable, undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
  /** Default: backslash. */
  readonly escape?: '\\' | '`';
  /** Leave `$x` as written when x is not set, instead of replacing it by nothing. */
  readonly keepUnset?: boolean;
  /** Quotes are ordinary characters: for the contents of here-documents. */
  readonly ignoreQuotes?: boolean;
  /** Quotes stay in the value, around what they quote. */
  readonly keepQuotes?: boolean;
}

export interface Expansion {
  /** The text after expansion; with an error, as far as it was read. */
  readonly value: string;
  /** `value` split at unquoted white space; a variable's value is split too. */
  readonly words: readonly string[];
  /** Names that were asked for and not set. */
  readonly unset: readonly string[];
  readonly error?: string;
}

export function expandText(text: string, lookup: Lookup, options: ExpandOptions = {}): Expansion {
  if (!SPECIAL_CHARACTERS.test(text)) {
    return { value: text, words: text.split(/\s+/).filter((word) => word !== ''), unset: [] };
  }
  const state = new ExpandState(text, lookup, options);
  try {
    const value = state.readUntil(undefined, false);
    return { value, words: state.words.finish(), unset: [...state.unset] };
  } catch (error) {
    if (!(error instanceof ExpandError)) throw error;
    return { value: text, words: [], unset: [...state.unset], error: error.message };
  }
}

/** Text without any of them means itself. */
const SPECIAL_CHARACTERS = /[$'"\\`]/;

class ExpandError extends Error {}

/** What it comes to counts, whatever it is made of. */
function parsed(pattern: string): ShellPattern {
  const { tokens, wrongEscape } = parsePattern(pattern);
  if (wrongEscape === undefined) return { tokens };
  throw new ExpandError(`invalid pattern (${pattern}) in substitution: invalid escape '\\${wrongEscape || '\uFFFD'}'`);
}

/** Fuel: the reader is recursive. */
const DEEPEST = 500;

const NAME = /[\p{L}\p{Nd}_]*/uy;
const SPECIAL = /\d+|[@*#?!$-]/y;

class WordList {
  private readonly words: string[] = [];
  private word = '';
  private open = false;

  /** Characters that white space splits. */
  add(text: string): void {
    if (!/\s/.test(text)) {
      if (text !== '') this.addWhole(text);
      return;
    }
    for (const char of text) {
      if (/\s/.test(char)) this.close();
      else this.addWhole(char);
    }
  }

  /** Quoted text: never split, and a word even when it is empty. */
  addWhole(text: string): void {
    this.word += text;
    this.open = true;
  }

  private close(): void {
    if (this.open) this.words.push(this.word);
    this.word = '';
    this.open = false;
  }

  finish(): string[] {
    this.close();
    return this.words;
  }
}

class ExpandState {
  words = new WordList();
  readonly unset = new Set<string>();
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly lookup: Lookup;
  private readonly escape: string;
  private readonly options: ExpandOptions;

  constructor(text: string, lookup: Lookup, options: ExpandOptions) {
    this.text = text;
    this.lookup = lookup;
    this.escape = options.escape ?? '\\';
    this.options = options;
  }

  /** Reads up to `stop`, which is consumed, or to the end of the text. `keepEscapes`: the text is a pattern. */
  readUntil(stop: string | undefined, keepEscapes: boolean): string {
    let result = '';
    while (this.at < this.text.length) {
      const char = this.text[this.at] ?? '';
      if (char === stop) {
        this.at++;
        return result;
      }
      const ordinary = this.readOrdinary(stop);
      result += ordinary === '' ? this.readPiece(char, keepEscapes) : ordinary;
    }
    if (stop !== undefined) throw new ExpandError(`unexpected end of statement while looking for matching ${stop}`);
    return result;
  }

  /** Characters that mean themselves, all at once. */
  private readOrdinary(stop: string | undefined): string {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at] ?? '';
      if (char === '$' || char === this.escape || char === stop) break;
      if (!this.options.ignoreQuotes && (char === "'" || char === '"')) break;
    }
    const run = this.text.slice(start, this.at);
    this.words.add(run);
    return run;
  }

  private readPiece(char: string, keepEscapes: boolean): string {
    if (char === '$') {
      const value = this.readVariable();
      this.words.add(value);
      return value;
    }
    const quoted = !this.options.ignoreQuotes && (char === "'" || char === '"');
    const piece = quoted ? this.readQuotes(char, keepEscapes) : this.readPlain(char, keepEscapes);
    if (quoted || char === this.escape) this.words.addWhole(piece);
    else this.words.add(piece);
    return piece;
  }

  private readPlain(char: string, keepEscapes: boolean): string {
    this.at++;
    if (char !== this.escape) return char;
    const next = this.text[this.at];
    if (next === undefined) return '';
    this.at++;
    return keepEscapes ? char + next : next;
  }

  private readQuotes(quote: string, keepEscapes: boolean): string {
    const inner = this.readQuoted(quote, keepEscapes);
    return this.options.keepQuotes ? quote + inner + quote : inner;
  }

  private readQuoted(quote: string, keepEscapes: boolean): string {
    this.at++;
    let result = '';
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) {
        const name = quote === '"' ? 'double-quote' : 'single-quote';
        throw new ExpandError(`unexpected end of statement while looking for matching ${name}`);
      }
      if (char === '$' && quote === '"') {
        result += this.readVariable();
        continue;
      }
      this.at++;
      if (char === quote) return result;
      if (quote !== '"' || char !== this.escape) {
        result += char;
        continue;
      }
      // One that escapes nothing is itself, in a pattern too.
      const next = this.text[this.at] ?? '';
      const isEscaped = next === '"' || next === '$' || next === this.escape;
      if (isEscaped) this.at++;
      result += (keepEscapes ? char : '') + (isEscaped ? next : char);
    }
  }

  private readVariable(): string {
    this.at++;
    if (this.text[this.at] === '{') {
      this.at++;
      return this.readBraced();
    }
    const name = this.readName();
    return name === '' ? '$' : this.plainValue(name, `$${name}`);
  }

  private readName(): string {
    for (const pattern of [SPECIAL, NAME]) {
      pattern.lastIndex = this.at;
      const name = pattern.exec(this.text)?.[0] ?? '';
      this.at += name.length;
      if (name !== '') return name;
    }
    return '';
  }

  private value(name: string): string | undefined {
    const value = this.lookup(name);
    if (value === undefined) this.unset.add(name);
    return value;
  }

  private plainValue(name: string, written: string): string {
    return this.value(name) ?? (this.options.keepUnset ? written : '');
  }

  private readBraced(): string {
    const start = this.at - 2;
    const first = this.text[this.at];
    if (first === undefined) throw new ExpandError("syntax error: missing '}'");
    if ('{}:'.includes(first)) throw new ExpandError('syntax error: bad substitution');
    const name = this.readName();
    let modifier = this.text[this.at++];
    if (modifier === '}') return this.plainValue(name, `\${${name}}`);
    const colon = modifier === ':';
    if (colon) modifier = this.text[this.at++];
    // In BuildKit's words, which has U+FFFD for the end of the text.
    if (modifier === undefined && !colon) throw new ExpandError('unsupported modifier (\uFFFD) in substitution');
    if (modifier === undefined || modifier === '}') throw new ExpandError("syntax error: missing '}'");
    if (this.depth > DEEPEST) throw new ExpandError('substitutions are nested too deeply');
    this.depth++;
    const outer = this.words;
    this.words = new WordList(); // the words of a modifier's own text are not words of the result
    const value = this.readModified(name, modifier, colon);
    this.words = outer;
    this.depth--;
    return value ?? this.text.slice(start, this.at);
  }

  /** Undefined: leave it as written. */
  private readModified(name: string, modifier: string, colon: boolean): string | undefined {
    const shown = colon ? `:${modifier}` : modifier;
    if (modifier === '/' && !colon) return this.readReplacement(name);
    const isPattern = modifier === '#' || modifier === '%';
    if (!'+-?#%'.includes(modifier) || (colon && isPattern)) {
      throw new ExpandError(`unsupported modifier (${shown}) in substitution`);
    }
    const word = this.readModifierText('}', isPattern);
    const value = isPattern ? this.value(name) : this.lookup(name);
    if (value === undefined && this.options.keepUnset) return undefined;
    const missing = value === undefined || (colon && value === '');
    if (modifier === '-') return missing ? word : value;
    if (modifier === '+') return missing ? '' : word;
    if (modifier === '?') {
      if (!missing) return value;
      const why = value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty';
      throw new ExpandError(`${name}: ${word === '' ? why : word}`);
    }
    const longest = word.startsWith(modifier);
    const pattern = longest ? word.slice(1) : word;
    if (modifier === '#') return removePrefix(value ?? '', parsed(pattern), longest);
    return removeSuffix(value ?? '', parsed(reversePattern(pattern)), longest);
  }

  private readReplacement(name: string): string | undefined {
    const all = this.text[this.at] === '/';
    if (all) this.at++;
    const pattern = this.readPattern();
    const replacement = this.readModifierText('}', true);
    const value = this.value(name);
    if (value === undefined && this.options.keepUnset) return undefined;
    return (all ? replaceAll : replaceFirst)(value ?? '', parsed(pattern), replacement);
  }

  private readPattern(): string {
    try {
      return this.readModifierText('/', true);
    } catch (error) {
      const isOpen = error instanceof ExpandError && this.at >= this.text.length;
      if (isOpen) throw new ExpandError("syntax error: missing '/' in ${}");
      throw error;
    }
  }

  private readModifierText(stop: string, keepEscapes: boolean): string {
    try {
      return this.readUntil(stop, keepEscapes);
    } catch (error) {
      if (error instanceof ExpandError && this.at >= this.text.length)
        throw new ExpandError("syntax error: missing '}'");
      throw error;
    }
  }
}
