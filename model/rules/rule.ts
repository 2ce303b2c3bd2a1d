import type { TextEdit } from '#model/text/edit.ts';
import type { Span } from '#model/text/span.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

/** One thing that is checked, with its page `docs/rules/<id>.md`. */
export interface Rule<D> {
  /** BuildKit's name, hadolint's or dclint's number or name, or ours. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence that says what is asked for. */
  readonly title: string;
  /** Names under which other tools know the same rule; they suppress it too. */
  readonly aliases?: readonly string[];
  /** Reported only when the settings switch it on. */
  readonly off?: true;
  /** The file cannot be built like this, whatever one's taste. */
  readonly fatal?: true;
  check(document: D): Iterable<Problem>;
}

export interface Problem {
  readonly span: Span;
  /** URL of the page about a rule that is not ours. */
  readonly page?: string;
  readonly message: string;
  /** Where other tools tell the problems of one rule apart: their names for this one, instead of all the rule's aliases. */
  readonly aliases?: readonly string[];
  readonly fixes?: readonly Fix[];
  readonly tag?: 'unnecessary' | 'deprecated';
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Applied by "fix all" and on save: it changes nothing about what is built. */
  readonly safe?: true;
}

/** A problem with the rule that found it. */
export interface Finding extends Problem {
  readonly rule: string;
  readonly aliases: readonly string[];
  readonly severity: Severity;
}
