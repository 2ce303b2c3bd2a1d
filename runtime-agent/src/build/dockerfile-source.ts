/** Finds the Dockerfile in a build context, and leaves out what `.dockerignore` says. */
import path from 'node:path';
import { excerptOf } from '#model/dockerfile/excerpt.ts';
import { parseErrorText, readStages, type StagedDockerfile } from '#model/dockerfile/stages.ts';
import type { Span } from '#model/text/span.ts';
import { failure } from './failure-cause.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { DockerfileText } from './client-files.ts';
import type { ContextTree } from './context/context-tree.ts';
import { readIgnoreFile } from './context/read-ignore-file.ts';
import type { ReceivedContext } from './context/receive-context.ts';
import { followLinks } from './files/file-tree.ts';
import { refuseOtherFrontends } from './frontend-image.ts';
import type { BuildRequest } from './request.ts';

const DEFAULT_NAME = 'Dockerfile';
const SIZE_LIMIT = 16 * 1024 * 1024;

type FrontendChoice = Pick<BuildRequest, 'buildArgs' | 'asClassic' | 'remote'>;

export interface DockerfileSource extends DockerfileText {
  /** The text of .dockerignore; undefined when there is none. */
  readonly ignoreFile: () => Promise<string | undefined>;
  readonly dockerfile: StagedDockerfile;
  /** The lines around a place, for people. */
  readonly excerpt: (span: Span) => string;
  /**
   * The context without what is ignored.
   * @param paths what the build needs of it; undefined: all
   */
  readonly openContext: (paths: readonly string[] | undefined) => Promise<ContextTree>;
}

/** @param given a Dockerfile that is not in the context. Throws as parseDockerfile() does. */
export function readDockerfile(
  { index, spool }: ReceivedContext,
  name: string,
  given?: DockerfileText,
  asked: FrontendChoice = {},
): DockerfileSource {
  const tree = index.tree(spool);
  const file = given === undefined ? findDockerfile(tree, name) : '';
  const own = given === undefined ? tree.text(`${file}.dockerignore`) : undefined;
  // BuildKit takes all of a repository, or of an archive that has an address; the classic builder does not.
  const isWhole = (asked.remote ?? '') !== '' && asked.asClassic !== true;
  const ignored = isWhole ? undefined : (own ?? tree.text('.dockerignore'));
  const patterns = readIgnoreFile(ignored ?? '');
  const context = (): ContextTree => (patterns.isEmpty ? tree : index.without(patterns.ignores).tree(spool));
  return {
    ...parseDockerfile(given ?? { name, text: tree.text(file) ?? '' }, asked),
    ignoreFile: async () => ignored,
    openContext: async () => context(),
  };
}

/** Throws EngineError('invalid') in Docker's words, and as refuseOtherFrontends() does. */
export function parseDockerfile(
  { name, text }: DockerfileText,
  { buildArgs, asClassic = false }: FrontendChoice,
): Omit<DockerfileSource, 'openContext' | 'ignoreFile'> {
  if (text === '') {
    throw new EngineError(
      'invalid',
      asClassic ? `the Dockerfile (${name}) cannot be empty` : 'the Dockerfile cannot be empty',
    );
  }
  if (!asClassic) refuseOtherFrontends({ name, text }, buildArgs);
  const read = readStages(text);
  if (read.error !== undefined) {
    const { stage, span } = read.error;
    const brief = parseErrorText(read.error);
    const place = { span, brief, file: { name, text } };
    // The classic builder's words tell more, where BuildKit's clients show the place besides.
    const whole = stage === 'syntax' ? `failed to parse Dockerfile: ${brief}` : brief;
    const excerpt = span.end > span.start ? `\n\n${excerptOf(name, text, span).trimEnd()}` : '';
    throw failure('invalid', whole + excerpt, stage === 'plan' && excerpt === '' ? {} : { place });
  }
  return { dockerfile: read.dockerfile, name, text, excerpt: (span) => excerptOf(name, text, span) };
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
