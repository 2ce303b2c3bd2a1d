import { allVariables, type Interpolation } from '#model/compose/interpolation.ts';
import { fileURLToPath } from 'node:url';
import { type Entry, entryOf, valueAt } from '#model/compose/tree.ts';
import { textOf, touches } from '#model/text/span.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { Hover } from '../language.ts';
import { anchorAt, anchoredSpan } from './anchors.ts';
import type { ComposeDocument } from './document.ts';
import { extendedElsewhereAt } from './extended.ts';
import { locate, type Located } from './locate.ts';
import { nameAt } from './names.ts';
import { fieldAt } from './schema-path.ts';
import { variablesOf } from './variables.ts';

const LONGEST_EXCERPT = 20;

export function hover(document: ComposeDocument, offset: number): Hover | undefined {
  const located = locate(document.root, offset);
  return (
    hoverVariable(document, offset) ??
    hoverName(document, offset) ??
    hoverExtended(document, offset) ??
    hoverAnchor(document, offset) ??
    (located === undefined ? undefined : hoverAt(located))
  );
}

function hoverAt({ path, entry, onKey, scalar }: Located): Hover | undefined {
  if (onKey && entry !== undefined) {
    const field = fieldAt(path);
    return field === undefined
      ? undefined
      : { span: entry.keySpan, markdown: `\`${entry.key}\`: ${field.documentation}` };
  }
  const isImage = path.length === 3 && path[0] === 'services' && path[2] === 'image';
  if (!isImage || scalar === undefined || scalar.text.includes('$')) return undefined;
  try {
    const { domain, path: repository, tag, digest } = parseReference(scalar.text);
    const rows = [
      `registry \`${domain}\``,
      `repository \`${repository}\``,
      `tag \`${tag ?? (digest === undefined ? 'latest' : 'none')}\``,
    ];
    return { span: scalar.span, markdown: rows.map((row) => `- ${row}`).join('\n') };
  } catch {
    return undefined; // no valid name: a diagnostic says so
  }
}

/** The variable's value, and where it comes from. */
function hoverVariable(document: ComposeDocument, offset: number): Hover | undefined {
  const found = [...allVariables(variablesOf(document).variables)].findLast(({ span }) => touches(span, offset));
  if (found === undefined) return undefined;
  const { env } = document.project;
  const set = env.get(found.name);
  const source = set?.value === undefined ? fallbackOf(found) : `\`${set.value}\`, from \`.env\``;
  return {
    span: found.span,
    markdown: `Variable \`${found.name}\`: ${source}\n\nThe environment that Compose runs in goes first.`,
  };
}

function fallbackOf({ modifier, word }: Interpolation): string {
  if (modifier === ':-' || modifier === '-') return `\`${word}\`, the default`;
  if (modifier === ':?' || modifier === '?') return 'not set in `.env`; Compose stops without it';
  return 'not set in `.env`: a blank string';
}

/** What the name stands for. */
function hoverName(document: ComposeDocument, offset: number): Hover | undefined {
  const name = nameAt(document, offset);
  if (name === undefined) return undefined;
  const files = [{ text: document.text, root: document.root }, ...document.project.files.map(({ tree }) => tree)];
  for (const { text, root } of files) {
    const entry = entryOf(valueAt(root, name.section), name.name);
    if (entry === undefined || entry.keySpan === name.span) continue;
    const title = `${name.section.slice(0, -1)} \`${name.name}\``;
    return { span: name.span, markdown: `${title}\n\n${definitionOf(text, entry)}` };
  }
  return undefined;
}

function definitionOf(text: string, { keySpan, value }: Entry): string {
  const start = text.lastIndexOf('\n', keySpan.start) + 1;
  return excerpt(text.slice(start, Math.max(keySpan.end + 1, value.span.end)));
}

function excerpt(text: string): string {
  const lines = text.split('\n');
  const shown = lines.length > LONGEST_EXCERPT ? [...lines.slice(0, LONGEST_EXCERPT), '  # …'] : lines;
  return `\`\`\`yaml\n${shown.join('\n')}\n\`\`\``;
}

function hoverExtended(document: ComposeDocument, offset: number): Hover | undefined {
  const found = extendedElsewhereAt(document, offset);
  if (found === undefined) return undefined;
  const { name, extended } = found;
  const title = `service \`${name.text}\` of ${fileURLToPath(extended.uri).replace(/^.*[\\/]/, '')}`;
  return { span: name.span, markdown: `${title}\n\n${definitionOf(extended.text, extended.entry)}` };
}

/** What the anchor or alias stands for. */
function hoverAnchor(document: ComposeDocument, offset: number): Hover | undefined {
  const found = anchorAt(document, offset);
  if (found === undefined) return undefined;
  const { anchor, span } = found;
  return {
    span,
    markdown: `anchor \`${anchor.name}\`\n\n${excerpt(textOf(document.text, anchoredSpan(document, anchor)))}`,
  };
}
