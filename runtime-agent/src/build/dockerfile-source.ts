/** Finds the Dockerfile in a build context, and leaves out what `.dockerignore` says. */
import path from 'node:path';
import { excerptOf } from '#model/dockerfile/excerpt.ts';
import { readStages, type StagedDockerfile } from '#model/dockerfile/stages.ts';
import type { Span } from '#model/text/span.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContextTree } from './context/context-tree.ts';
import { readIgnoreFile } from './context/read-ignore-file.ts';
import type { ReceivedContext } from './context/receive-context.ts';
import { followLinks } from './files/file-tree.ts';

const DEFAULT_NAME = 'Dockerfile';
const SIZE_LIMIT = 16 * 1024 * 1024;

export interface DockerfileSource {
  readonly text: string;
  /** The text of .dockerignore; undefined when there is none. */
  readonly ignoreFile: string | undefined;
  readonly dockerfile: StagedDockerfile;
  /** The lines around a place, for people. */
  readonly excerpt: (span: Span) => string;
  /** The context without what is ignored. */
  readonly context: ContextTree;
}

/** Throws EngineError('invalid') in Docker's words. */
export function readDockerfile({ index, spool }: ReceivedContext, name: string): DockerfileSource {
  const tree = index.tree(spool);
  const file = findDockerfile(tree, name);
  const text = tree.text(file) ?? '';
  if (text.trim() === '') throw new EngineError('invalid', `the Dockerfile (${name}) cannot be empty`);
  const read = readStages(text);
  if (read.error !== undefined) {
    const { line, message, span } = read.error;
    throw new EngineError(
      'invalid',
      `dockerfile parse error on line ${line}: ${message}\n\n${excerptOf(name, text, span).trimEnd()}`,
    );
  }
  const ignored = tree.text(`${file}.dockerignore`) ?? tree.text('.dockerignore');
  const patterns = readIgnoreFile(ignored ?? '');
  return {
    text,
    ignoreFile: ignored,
    dockerfile: read.dockerfile,
    excerpt: (span) => excerptOf(name, text, span),
    context: patterns.isEmpty ? tree : index.without(patterns.ignores).tree(spool),
  };
}

function findDockerfile(tree: ContextTree, name: string): string {
  const cleaned = path.posix.normalize(name).replace(/^\/+/, '');
  if (cleaned === '..' || cleaned.startsWith('../')) {
    throw new EngineError('invalid', `forbidden path outside the build context: ${name} ()`);
  }
  const candidates = cleaned === DEFAULT_NAME ? [cleaned, cleaned.toLowerCase()] : [cleaned];
  const found = candidates.map((candidate) => followLinks(tree, candidate)).find((path) => path !== undefined);
  const entry = found === undefined ? undefined : tree.entry(found);
  if (found === undefined || entry?.kind !== 'file') {
    throw new EngineError('invalid', `Cannot locate specified Dockerfile: ${name}`);
  }
  if (entry.size > SIZE_LIMIT) throw new EngineError('invalid', `the Dockerfile (${name}) is larger than 16 MiB`);
  return found;
}
