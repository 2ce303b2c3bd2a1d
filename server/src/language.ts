/**
 * What a language offers to an editor, free of any protocol: an object with the features it has. The server computes its
 * capabilities from it. Offsets are UTF-16 offsets into the document's text. No feature throws, whatever the text is.
 */
import type { TextEdit } from '#model/text/edit.ts';
import type { LineIndex } from '#model/text/line-index.ts';
import type { Span } from '#model/text/span.ts';
import type { Files } from './files.ts';
import type { Finding } from '#model/rules/rule.ts';
import type { Settings } from './settings.ts';

/** A text to be read as a document of some language. */
export interface Source {
  readonly uri: string;
  /** The file's path; undefined for a text that is not saved yet. */
  readonly path: string | undefined;
  readonly text: string;
  readonly lines: LineIndex;
  /** The files beside it: `.dockerignore`, `.env`, included files. */
  readonly files: Files;
  /** Paths of all Dockerfiles, Compose files and the like that the editor has in its folders; absent outside of one. */
  readonly workspace?: () => readonly string[];
  /** How a Dockerfile is meant to be built, where it is known. */
  readonly build?: BuildOptions;
  /** What the command line says of configuration. */
  readonly config?: ConfigSource;
  /** Told of a rule that broke on this text, so that the others go on; without it the error is thrown. */
  readonly ruleFailed?: RuleFailed;
}

export type RuleFailed = (rule: string, error: unknown) => void;

export interface ConfigSource {
  /** The text of the configuration file to use instead of those beside the document. */
  readonly text: string | undefined;
  /** For `HADOLINT_…` variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface BuildOptions {
  readonly args: Readonly<Record<string, string>>;
  /** The stage to build; undefined: the last one. */
  readonly target: string | undefined;
}

/** Methods, not function properties, so that a `Language<D>` is also a `Language<unknown>` for the server's list. */
export interface Language<D> {
  readonly name: 'dockerfile' | 'compose' | 'dockerignore' | 'devcontainer' | 'too long';
  /** Is a document with this language id and URI one of this language? */
  owns(languageId: string, uri: string): boolean;
  /** Fuel of editors: a text that is longer (in UTF-16 units) has no features. */
  readonly longest?: number;
  /** @param previous the version before, so that what has not changed need not be looked at again */
  parse(source: Source, previous?: D): D;
  diagnose(document: D, settings: Settings): Finding[];
  /** Scripts inside the document, for ShellCheck; and what it says about them, as findings. */
  readonly shell?: {
    scripts(document: D): ShellScript[];
    findings(document: D, checked: readonly CheckedScript[], settings: Settings): Finding[];
  };
  /** The edit that switches a rule off for the place of one finding. */
  suppress?(document: D, finding: Finding): TextEdit | undefined;
  /** The edit that switches the finding's rule off for the whole file. */
  suppressInFile?(document: D, finding: Finding): TextEdit;
  readonly completion?: {
    readonly triggerCharacters: readonly string[];
    complete(document: D, offset: number): Completion[];
    /** The image that is being written at the offset: names of images and tags come from whoever uses the server. */
    imageAt?(document: D, offset: number): ImageQuery | undefined;
  };
  readonly signatures?: {
    readonly triggerCharacters: readonly string[];
    signature(document: D, offset: number): Signature | undefined;
  };
  hover?(document: D, offset: number): Hover | undefined;
  definition?(document: D, offset: number): Location[];
  /** Every place that means the same thing as the word at the offset, its definition first. */
  occurrences?(document: D, offset: number): Occurrence[];
  /** The same in other files. */
  occurrencesElsewhere?(document: D, offset: number): (Location & Occurrence)[];
  readonly renaming?: {
    prepare(document: D, offset: number): Span | undefined;
    /** Why the name cannot be the new one, as a sentence for the author; undefined when it can. */
    problemOf(document: D, offset: number, name: string): string | undefined;
    rename(document: D, offset: number, name: string): FileEdit[];
  };
  symbols?(document: D): DocumentSymbol[];
  folding?(document: D): FoldingRange[];
  /** What "expand selection" selects at the offset, the innermost first; each holds the one before it. */
  selection?(document: D, offset: number): Span[];
  links?(document: D): DocumentLink[];
  hints?(document: D): InlayHint[];
  lenses?(document: D): CodeLens[];
  format?(document: D, options: FormatOptions): TextEdit[];
  /** What changes when one of the characters was just written. */
  readonly typing?: {
    readonly characters: readonly string[];
    formatAfter(document: D, offset: number, options: FormatOptions): TextEdit[];
  };
  tokens?(document: D): SemanticToken[];
}

export type ShellDialect = 'sh' | 'bash' | 'dash' | 'ksh';

/** A script inside a document. */
export interface ShellScript {
  readonly text: string;
  readonly dialect: ShellDialect;
  /** Variables that are set when it runs. */
  readonly variables: readonly string[];
  /** Where in the document the script's character at the offset is. */
  sourceAt(offset: number): number;
}

/** What ShellCheck says about a script; offsets are into the script. */
export interface ShellComment {
  readonly start: number;
  readonly end: number;
  readonly level: 'error' | 'warning' | 'info' | 'style';
  readonly code: number;
  readonly message: string;
  readonly replacements: readonly { readonly start: number; readonly end: number; readonly text: string }[];
}

export interface CheckedScript {
  readonly script: ShellScript;
  readonly comments: readonly ShellComment[];
}

export interface FormatOptions {
  readonly tabSize: number;
  readonly insertSpaces: boolean;
}

export interface ImageQuery {
  /** The whole word up to the caret, `registry/name:ta`. */
  readonly prefix: string;
  /** What the name or the tag replaces: a tag's span starts behind the colon. */
  readonly span: Span;
}

export type CompletionKind =
  | 'keyword'
  | 'property'
  | 'value'
  | 'variable'
  | 'stage'
  | 'file'
  | 'folder'
  | 'reference'
  | 'snippet';

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  /** Markdown. */
  readonly documentation?: string;
  /** What the completion replaces. */
  readonly span: Span;
  /** Text to insert in LSP's snippet syntax when `snippet` is set. */
  readonly text: string;
  readonly snippet?: boolean;
  /** Lower comes first; 0 when not given. */
  readonly rank?: number;
  /** More completions follow at once, as behind `--from=`. */
  readonly continues?: boolean;
  /** What the written text is compared with, when that is not the label. */
  readonly filter?: string;
  readonly deprecated?: boolean;
  /** Writing one of these characters behind it takes the completion: only where nothing else can be meant. */
  readonly commit?: readonly string[];
}

export interface Signature {
  readonly label: string;
  readonly documentation: string;
  readonly parameters: readonly { readonly label: string; readonly documentation: string }[];
  readonly active: number;
}

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

/** A place in this or in another file. */
export interface Location {
  readonly uri: string;
  /** Of the file that the span is in. */
  readonly text: string;
  readonly span: Span;
}

/** An edit in this or in another file. */
export interface FileEdit extends Location {
  readonly newText: string;
}

export interface Occurrence {
  readonly span: Span;
  readonly kind: 'definition' | 'use';
}

export type SymbolKind = 'stage' | 'instruction' | 'variable' | 'section' | 'service' | 'object' | 'key';

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolKind;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly children: readonly DocumentSymbol[];
}

export interface FoldingRange {
  readonly startLine: number;
  readonly endLine: number;
  readonly comment: boolean;
}

/** Shown behind the offset: a value that the text does not say. */
export interface InlayHint {
  readonly offset: number;
  readonly label: string;
  /** Markdown. */
  readonly tooltip: string;
}

/** A command above a line, shown by editors that know the command. */
export interface CodeLens {
  readonly span: Span;
  readonly title: string;
  /** A codicon of VS Code. */
  readonly icon: string;
  readonly command: string;
  readonly arguments: readonly unknown[];
}

export interface DocumentLink {
  readonly span: Span;
  readonly target: string;
  readonly tooltip: string;
}

export const TOKEN_TYPES = [
  'comment',
  'keyword',
  'parameter',
  'property',
  'variable',
  'string',
  'class',
  'operator',
  'macro',
  'function',
  'number',
] as const;

export interface SemanticToken {
  readonly span: Span;
  readonly type: (typeof TOKEN_TYPES)[number];
}
