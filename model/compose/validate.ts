/** Compares a Compose tree with the schema. */
import { suggest } from '#model/text/suggest.ts';
import type { Span } from '#model/text/span.ts';
import type { Fields, Repeated, Schema } from './schema/schema.ts';
import type { ComposeNode, Entry, MapNode, ScalarNode } from './tree.ts';

export type SchemaProblem =
  | { readonly code: 'unknown-key'; readonly span: Span; readonly message: string; readonly near: string | undefined }
  | {
      readonly code: 'invalid-name' | 'missing-key' | 'wrong-type' | 'wrong-value' | 'duplicate-item' | 'repeated-item';
      readonly span: Span;
      readonly message: string;
    };

type Report = (problem: SchemaProblem) => void;

/** A value on its way through the schema. */
interface At {
  readonly node: ComposeNode;
  readonly schema: Schema;
  /** `services.web.image` */
  readonly path: string;
  /** Stands for the value where there is none to underline. */
  readonly keySpan: Span;
}

type Visit = (at: At) => void;

export function validate(root: ComposeNode, schema: Schema): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  // An alias reaches the same node again: once is enough, and nested aliases stay cheap.
  const seen = new Map<ComposeNode, Set<Schema>>();
  const visit: Visit = (at) => {
    const known = seen.get(at.node) ?? new Set();
    if (known.has(at.schema)) return;
    seen.set(at.node, known.add(at.schema));
    check(at, (problem) => problems.push(problem), visit);
  };
  visit({ node: root, schema, path: '', keySpan: root.span });
  return problems;
}

function check(at: At, report: Report, visit: Visit): void {
  const { node, schema, path } = at;
  if (node.tag === '!reset') return;
  if (schema.kind === 'choice') {
    const fitting = schema.options.find((option) => fits(node, option));
    if (fitting === undefined) reportMismatch(at, report);
    else visit({ ...at, schema: fitting });
  } else if (!fits(node, schema)) reportMismatch(at, report);
  else if (node.kind === 'map') checkMap(node, schema, path, report, visit);
  else if (node.kind === 'list' && schema.kind === 'list') {
    node.items.forEach((item, i) =>
      visit({ node: item, schema: schema.item, path: `${path}[${i}]`, keySpan: at.keySpan }),
    );
    if (schema.unique !== undefined) checkUnique(node.items, schema.unique, path, report);
  }
}

function checkMap(node: MapNode, schema: Schema, path: string, report: Report, visit: Visit): void {
  if (schema.kind === 'dictionary') {
    for (const { key, keySpan, value } of node.entries) {
      if (key.startsWith('x-') && schema.names !== undefined) continue;
      if (schema.names?.test(key) === false) {
        const message = `${path}: '${key}' is not a valid name: letters, digits, '.', '_' and '-' only`;
        report({ code: 'invalid-name', span: keySpan, message });
      }
      visit({ node: value, schema: schema.value, path: join(path, key), keySpan });
    }
  } else if (schema.kind === 'map') {
    for (const entry of node.entries) checkEntry(entry, schema.fields, path, report, visit);
    const keys = new Set(node.entries.map(({ key }) => key));
    for (const key of schema.required ?? []) {
      if (!keys.has(key)) report({ code: 'missing-key', span: headOf(node), message: `${path} needs '${key}'` });
    }
  }
}

function checkEntry({ key, keySpan, value }: Entry, fields: Fields, path: string, report: Report, visit: Visit): void {
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (field !== undefined) visit({ node: value, schema: field.schema, path: join(path, key), keySpan });
  else if (!key.startsWith('x-')) {
    const near = suggest(key, Object.keys(fields));
    const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
    const where = path === '' ? 'at the top level' : `in ${path}`;
    report({ code: 'unknown-key', span: keySpan, message: `unknown property '${key}' ${where}${hint}`, near });
  }
}

function checkUnique(items: readonly ComposeNode[], repeated: Repeated, path: string, report: Report): void {
  const code = repeated === 'refused' ? 'duplicate-item' : 'repeated-item';
  const seen = new Set<string>();
  for (const item of items) {
    if (item.kind !== 'scalar') continue;
    if (seen.has(item.text)) {
      report({ code, span: item.span, message: `${path}: '${item.text}' stands twice` });
    }
    seen.add(item.text);
  }
}

/** The first key of a map: underlining all of it would say too much. */
function headOf(node: MapNode): Span {
  return node.entries.find(({ merged }) => !merged)?.keySpan ?? node.span;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function fits(node: ComposeNode, schema: Schema): boolean {
  switch (schema.kind) {
    case 'choice':
      return schema.options.some((option) => fits(node, option));
    case 'list':
      return node.kind === 'list';
    case 'map':
    case 'dictionary':
      return node.kind === 'map';
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return node.kind === 'scalar' && scalarFits(node, schema);
  }
}

const VARIABLE = /\$[{A-Z_]/i;

/** A variable may turn out to be anything. */
function scalarFits({ value }: ScalarNode, schema: Schema): boolean {
  if (typeof value === 'string' && VARIABLE.test(value)) return schema.kind !== 'null';
  switch (schema.kind) {
    case 'string':
      return typeof value === 'string' && (schema.values === undefined || schema.values.includes(value));
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return false;
  }
}

function reportMismatch({ node, schema, path, keySpan }: At, report: Report): void {
  const place = node.kind === 'map' ? headOf(node) : node.span;
  const span = place.end > place.start ? place : keySpan;
  const values = allowedValues(schema);
  const isText = node.kind === 'scalar' && typeof node.value === 'string';
  if (isText && values.length > 0) {
    const message = `${path} must be one of ${values.map((value) => `'${value}'`).join(', ')}`;
    report({ code: 'wrong-value', span, message });
    return;
  }
  const where = path === '' ? 'a Compose file' : path;
  report({ code: 'wrong-type', span, message: `${where} must be ${describe(schema)}` });
}

export function allowedValues(schema: Schema): readonly string[] {
  if (schema.kind === 'choice') return schema.options.flatMap(allowedValues);
  return schema.kind === 'string' ? (schema.values ?? []).filter((value) => value !== '') : [];
}

/** "a string or a list" */
function describe(schema: Schema): string {
  const kinds = [...new Set(kindsOf(schema))];
  const last = kinds.pop() ?? 'anything';
  return kinds.length === 0 ? last : `${kinds.join(', ')} or ${last}`;
}

function kindsOf(schema: Schema): string[] {
  switch (schema.kind) {
    case 'choice':
      return schema.options.filter(({ kind }) => kind !== 'null').flatMap(kindsOf);
    case 'list':
      return ['a list'];
    case 'map':
    case 'dictionary':
      return ['a mapping'];
    case 'integer':
      return ['an integer'];
    case 'null':
      return ['empty'];
    case 'string':
    case 'number':
    case 'boolean':
      return [`a ${schema.kind}`];
  }
}
