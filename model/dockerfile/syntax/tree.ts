/**
 * A Dockerfile as the editor sees it: every word with its exact place, whatever state the text is in. It follows the
 * line, flag, word and heredoc rules of BuildKit's parser; what BuildKit refuses becomes a `problem` here, never a throw.
 */
import type { Span } from '#model/text/span.ts';

export interface DockerfileTree {
  readonly text: string;
  readonly escape: '\\' | '`';
  readonly directives: readonly Directive[];
  readonly comments: readonly Comment[];
  readonly instructions: readonly Instruction[];
  readonly problems: readonly SyntaxProblem[];
}

/** `# name=value` at the very top of the file. */
export interface Directive {
  readonly span: Span;
  /** Lower case. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: string;
  readonly valueSpan: Span;
}

export interface Comment {
  /** From the `#` to the end of the line. */
  readonly span: Span;
  /** Without the `#`, trimmed. */
  readonly text: string;
}

/**
 * The words of one instruction joined over its continuation lines, as BuildKit reads them. `pieces` maps the joined
 * text back to the file: from `at` on in the joined text, characters are those from `source` on in the file.
 */
export interface JoinedText {
  readonly text: string;
  readonly pieces: readonly { readonly at: number; readonly source: number }[];
}

export interface Word {
  /** As written, quotes and escapes kept. */
  readonly text: string;
  readonly span: Span;
  /** Where the word starts in the instruction's joined text. */
  readonly at: number;
}

export interface Flag {
  readonly span: Span;
  /** Without the dashes. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Undefined when there is no `=`. */
  readonly value: string | undefined;
  readonly valueSpan: Span | undefined;
}

export interface Heredoc {
  readonly name: string;
  /** `<<EOF` in the instruction's line. */
  readonly opener: Span;
  readonly nameSpan: Span;
  /** False when a part of the name is quoted: variables in the content stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are removed. */
  readonly chomp: boolean;
  readonly content: Span;
  /** Undefined when the file ends before the terminator. */
  readonly terminator: Span | undefined;
}

/** The strings of a JSON array; `text` is the value with escapes resolved, `span` includes the quotes. */
export interface JsonForm {
  readonly span: Span;
  readonly items: readonly { readonly text: string; readonly span: Span }[];
}

export interface Instruction {
  /** Upper case; may be one that does not exist. */
  readonly keyword: string;
  /** As written. */
  readonly name: string;
  readonly nameSpan: Span;
  /** From the keyword to the end of the last line that belongs to it, heredocs included. */
  readonly span: Span;
  /** From the keyword to the end of its last line without heredocs. */
  readonly headSpan: Span;
  readonly flags: readonly Flag[];
  /** The joined text of the whole instruction, keyword and flags included. */
  readonly joined: JoinedText;
  /** Where the arguments (behind keyword and flags) start and end in the joined text. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** The arguments split at white space; quotes do not hold words together. */
  readonly words: readonly Word[];
  /** Defined when the arguments are a JSON array of strings. */
  readonly json: JsonForm | undefined;
  /** The arguments are a JSON array with something else than strings in it. */
  readonly jsonHasOtherThanStrings: boolean;
  readonly heredocs: readonly Heredoc[];
  /** Empty lines between its continuation lines. */
  readonly emptyContinuations: readonly Span[];
  /** Of ONBUILD. */
  readonly trigger: Instruction | undefined;
}

export interface SyntaxProblem {
  readonly code: 'duplicate-directive' | 'invalid-escape' | 'unterminated-heredoc' | 'line-too-long';
  readonly span: Span;
  /** The directive's name or value, the heredoc's name, or how many bytes a line may have. */
  readonly subject: string;
}
