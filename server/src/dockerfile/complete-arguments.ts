import { spanOf } from '#model/text/span.ts';
import type { Completion, CompletionKind } from '../language.ts';
import { completePaths } from './complete-paths.ts';
import { completeShell } from './complete-shell.ts';
import { stagesAbove } from './complete-stages.ts';
import { completeUsers } from './complete-users.ts';
import { contextIgnores } from './context-ignores.ts';
import type { Cursor } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { LABELS, PORTS, VARIABLES } from './known-values.ts';
import { PLATFORM_ARGS, PREDEFINED_ARGS } from '#model/dockerfile/predefined-args.ts';
import { SIGNALS } from './signals.ts';

/** What an instruction takes besides flags and variables. */
export function completeArguments(document: DockerfileDocument, cursor: Cursor): Completion[] {
  switch (cursor.keyword) {
    case 'FROM':
      return completeFrom(document, cursor);
    case 'COPY':
    case 'ADD':
      return completeCopy(document, cursor);
    case 'ARG':
      return cursor.word.includes('=') ? [] : completeArg(document, cursor);
    case 'HEALTHCHECK':
      return cursor.before.length === 0 ? values(cursor, ['CMD', 'NONE'], 'keyword') : completeShell(document, cursor);
    case 'STOPSIGNAL':
      return values(cursor, SIGNALS);
    case 'SHELL':
      return values(cursor, ['["/bin/bash", "-o", "pipefail", "-c"]', '["/bin/sh", "-c"]']);
    case 'WORKDIR':
      return values(cursor, workingDirectories(document));
    case 'USER':
      return cursor.before.length === 0 ? completeUsers(document, cursor, cursor.wordSpan) : [];
    case 'EXPOSE':
      return /^\d+\/\w*$/.test(cursor.word) ? protocols(cursor) : known(cursor, PORTS);
    case 'LABEL':
      return cursor.word.includes('=') ? [] : known(cursor, LABELS, '=');
    case 'ENV':
      return cursor.word.includes('=') ? [] : known(cursor, VARIABLES, '=');
    case 'VOLUME':
      return values(cursor, workingDirectories(document), 'folder');
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
      return completeShell(document, cursor);
    default:
      return [];
  }
}

function values(cursor: Cursor, texts: readonly string[], kind: CompletionKind = 'value'): Completion[] {
  return texts.map((text, i) => ({ label: text, kind, span: cursor.wordSpan, text, rank: i }));
}

function known({ wordSpan: span }: Cursor, entries: ReadonlyMap<string, string>, end = ''): Completion[] {
  return [...entries].map(([label, documentation], rank) => ({
    label,
    kind: end === '' ? 'value' : 'property',
    documentation,
    span,
    text: label + end,
    rank,
  }));
}

function protocols({ word, offset }: Cursor): Completion[] {
  const span = spanOf(offset - (word.length - word.indexOf('/') - 1), offset);
  return ['tcp', 'udp', 'sctp'].map((text) => ({ label: text, kind: 'value', span, text }));
}

const BASE_IMAGES = [
  'alpine',
  'debian',
  'ubuntu',
  'busybox',
  'node',
  'python',
  'golang',
  'rust',
  'eclipse-temurin',
  'nginx',
  'php',
  'ruby',
];

function completeFrom(document: DockerfileDocument, cursor: Cursor): Completion[] {
  if (cursor.before.length === 1) {
    const lower = cursor.instruction?.name === 'from';
    return [
      {
        label: lower ? 'as' : 'AS',
        kind: 'keyword',
        detail: 'name of the stage',
        span: cursor.wordSpan,
        text: lower ? 'as ' : 'AS ',
      },
    ];
  }
  if (cursor.before.length > 0) return [];
  const images = ['scratch', ...BASE_IMAGES].map(
    (text): Completion => ({ label: text, kind: 'reference', span: cursor.wordSpan, text, rank: 2 }),
  );
  return [...stagesAbove(document, cursor, cursor.wordSpan), ...images];
}

/** Sources are paths of the build context, without what .dockerignore hides; destinations the working directories. */
function completeCopy(document: DockerfileDocument, cursor: Cursor): Completion[] {
  const { source } = document;
  const isFromStage = cursor.instruction?.flags.some(({ name }) => name === 'from') === true;
  const word = cursor.word.replace(/^[["]+/, '');
  const span = spanOf(cursor.offset - word.length, cursor.wordSpan.end);
  const targets =
    cursor.before.length === 0
      ? []
      : workingDirectories(document).map((text): Completion => ({ label: text, kind: 'folder', span, text, rank: 2 }));
  if (isFromStage || source.path === undefined) return targets;
  const folder = source.path.slice(0, source.path.lastIndexOf('/'));
  const ignores = contextIgnores(source);
  const directory = word.slice(0, word.lastIndexOf('/') + 1).replace(/^\.?\//, '');
  const paths = completePaths(source, folder, word, span);
  return [...paths.filter(({ label }) => ignores?.(directory + label.replace(/\/$/, '')) !== true), ...targets];
}

function workingDirectories({ instructions }: DockerfileDocument): string[] {
  const used = instructions.filter(({ keyword }) => keyword === 'WORKDIR').flatMap(({ words }) => words[0]?.text ?? []);
  return [...new Set([...used, '/app', '/usr/src/app', './'])];
}

function completeArg(document: DockerfileDocument, cursor: Cursor): Completion[] {
  const globals = document.variables.definitions.filter(({ stage }) => stage === undefined);
  const isInStage = document.stages.some(({ from }) => from.span.start < cursor.offset);
  const named = (isInStage ? globals : []).map(
    ({ name, property }): Completion => ({
      label: name,
      kind: 'variable',
      detail: `global ARG${property.value === undefined ? '' : ` = ${property.value}`}`,
      span: cursor.wordSpan,
      text: name,
    }),
  );
  const platform = [...PLATFORM_ARGS].map(
    ([label, documentation]): Completion => ({
      label,
      kind: 'variable',
      documentation,
      span: cursor.wordSpan,
      text: label,
      rank: 1,
    }),
  );
  const proxies = [...PREDEFINED_ARGS].map(
    (label): Completion => ({
      label,
      kind: 'variable',
      documentation: 'Known to the builder without a declaration; declared, it also shows in the history of the image.',
      span: cursor.wordSpan,
      text: label,
      rank: 2,
    }),
  );
  return [...named, ...(isInStage ? [...platform, ...proxies] : [])];
}
