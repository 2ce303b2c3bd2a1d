/** devcontainer.json (JSON with comments) -> a checked configuration, or problems with their places. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  parseTree,
  type ParseError,
  printParseErrorCode,
} from 'jsonc-parser';
import { createLineIndex } from '../text/line-index.ts';
import type { Span } from '../text/span.ts';
import { suggest } from '../text/suggest.ts';
import type { DevContainerConfig } from './config.ts';
import { PROPERTIES } from './schema.ts';
import { withoutEffect } from './without-effect.ts';

export interface ConfigProblem {
  readonly message: string;
  readonly severity: 'error' | 'warning';
  /** The file is valid, but asks for what Slipway cannot do yet. */
  readonly unsupported?: true;
  readonly span: Span;
  /** Counted from 1, as people and terminals do. */
  readonly line: number;
  readonly column: number;
}

export interface ParsedConfig {
  /** undefined when there is an error among the problems. */
  readonly config: DevContainerConfig | undefined;
  /** In the order of the text. */
  readonly problems: readonly ConfigProblem[];
  /** A problem at the value of that path (`['runArgs', 2]`), or at the nearest part of it that the text has. */
  problemAt(path: readonly (string | number)[], message: string): ConfigProblem;
}

const SYNTAX: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a property name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'only one JSON value is expected: this is too much',
  InvalidSymbol: 'this is no JSON value: strings need double quotes',
  UnexpectedEndOfString: 'a closing quote is missing',
  UnexpectedEndOfComment: 'the end of the comment is missing',
  InvalidEscapeCharacter: 'this escape is not known in JSON: write a backslash as \\\\',
};

export function parseDevContainer(text: string): ParsedConfig {
  const lines = createLineIndex(text);
  const problems: ConfigProblem[] = [];
  const at = (offset: number, length: number, message: string, kind: Kind): ConfigProblem => {
    const { line, character } = lines.positionAt(offset);
    const place = { span: { start: offset, end: offset + length }, line: line + 1, column: character + 1 };
    if (kind === 'unsupported') return { message, severity: 'error', unsupported: true, ...place };
    if (kind === 'without effect') return { message, severity: 'warning', unsupported: true, ...place };
    return { message, severity: kind, ...place };
  };
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  for (const { error, offset, length } of errors) {
    const code = printParseErrorCode(error);
    problems.push(at(offset, length, `invalid JSON: ${SYNTAX[code] ?? code}`, 'error'));
  }
  if (errors.length === 0) {
    check(tree, (node, message, kind) => problems.push(at(node.offset, node.length, message, kind)));
  }
  problems.sort((a, b) => a.span.start - b.span.start);
  const failed = problems.some(({ severity }) => severity === 'error');
  return {
    config: failed || tree === undefined ? undefined : plain(tree),
    problems,
    problemAt(path, message) {
      for (let length = path.length; length > 0; length--) {
        const node = tree === undefined ? undefined : findNodeAtLocation(tree, path.slice(0, length));
        if (node !== undefined) return at(node.offset, node.length, message, 'error');
      }
      return at(tree?.offset ?? 0, 1, message, 'error');
    },
  };
}

/** The parser's own objects have no prototype. */
function plain(tree: Node): DevContainerConfig {
  return JSON.parse(JSON.stringify(getNodeValue(tree))) as DevContainerConfig;
}

type Kind = ConfigProblem['severity'] | 'unsupported' | 'without effect';
type Report = (node: Pick<Node, 'offset' | 'length'>, message: string, kind: Kind) => void;

function check(tree: Node | undefined, report: Report): void {
  if (tree?.type !== 'object') {
    report({ offset: tree?.offset ?? 0, length: tree?.length ?? 1 }, 'devcontainer.json must hold an object', 'error');
    return;
  }
  const values = new Map<string, Node>();
  for (const property of tree.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    values.set(name, value);
    const shape = Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined;
    if (shape === undefined) {
      const meant = suggest(name, Object.keys(PROPERTIES));
      report(
        key,
        `${name} is not a property of devcontainer.json${meant ? `: did you mean ${meant}?` : ''}`,
        'warning',
      );
      continue;
    }
    shape(value, name, (node, message) => report(node, message, 'error'));
    const unheeded = withoutEffect(name, value);
    if (unheeded !== undefined) report(key, unheeded, 'without effect');
  }
  checkSource(tree, values, report);
}

/** Exactly one way to the container must be given; what cannot be honoured yet is refused, never ignored. */
function checkSource(tree: Node, values: ReadonlyMap<string, Node>, report: Report): void {
  const brace = { offset: tree.offset, length: 1 };
  const given = ['image', 'build', 'dockerFile', 'dockerComposeFile'].filter((name) => values.has(name));
  if (given.length === 0) report(brace, 'one of "image", "build" and "dockerComposeFile" is needed', 'error');
  const [, second] = given;
  const extra = second === undefined ? undefined : values.get(second);
  if (extra !== undefined) report(extra, `"${second}" and "${given[0]}" exclude each other`, 'error');
  const compose = values.get('dockerComposeFile');
  if (compose !== undefined) {
    report(compose, 'dev containers of Compose projects are not yet supported: use "image" or "build"', 'unsupported');
  }
  const features = values.get('features');
  if ((features?.children?.length ?? 0) > 0 && features !== undefined) {
    report(
      features,
      'Features are not yet supported: install the tools in a Dockerfile ("build") instead',
      'unsupported',
    );
  }
  const folder = values.get('workspaceFolder');
  if (folder?.type === 'string' && !/^(\/|\$\{)/.test(String(folder.value))) {
    report(folder, 'workspaceFolder must be an absolute path in the container', 'error');
  }
  if (values.has('workspaceMount') && folder === undefined) {
    report(brace, '"workspaceMount" needs "workspaceFolder" beside it', 'error');
  }
}
