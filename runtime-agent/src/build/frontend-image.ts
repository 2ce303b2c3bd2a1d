/**
 * `# syntax=IMAGE` and the build argument BUILDKIT_SYNTAX name the image of a frontend, which BuildKit runs in its own
 * place. This engine runs none: it does itself what docker/dockerfile does, and refuses the others.
 */
import { readDirectives } from '#model/dockerfile/syntax/directives.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type ImageReference, parseReference } from '#model/oci/reference.ts';
import type { Span } from '#model/text/span.ts';
import type { DockerfileText } from './client-files.ts';
import { failure } from './failure-cause.ts';

const BUILDKIT_SYNTAX = 'BUILDKIT_SYNTAX';

/** Throws EngineError: 'not-implemented' for another frontend than Dockerfile's, 'invalid' for what names no image. */
export function refuseOtherFrontends(file: DockerfileText, buildArgs: Readonly<Record<string, string>> = {}): void {
  const asked = buildArgs[BUILDKIT_SYNTAX];
  const wanted = asked === undefined ? syntaxOf(file.text) : { image: firstWord(asked), span: undefined };
  if (wanted === undefined || wanted.image === '') return;
  const { image, span } = wanted;
  try {
    refuseOtherFrontend(image);
  } catch (error) {
    if (!(error instanceof EngineError) || span === undefined) throw error;
    throw failure(error.code, error.message, { place: { span, brief: error.message, file } });
  }
}

/** @param image as written. Throws as refuseOtherFrontends() does. */
export function refuseOtherFrontend(image: string): void {
  if (isDockerfileFrontend(referenceOf(image))) return;
  throw new EngineError(
    'not-implemented',
    `the frontend ${image} is an image, and this engine runs none: it builds Dockerfiles as docker/dockerfile does ` +
      `(if that is what ${image} is, build with --build-arg ${BUILDKIT_SYNTAX}=docker/dockerfile)`,
  );
}

function referenceOf(image: string): ImageReference {
  try {
    return parseReference(image);
  } catch (cause) {
    throw new EngineError('invalid', `invalid context name ${image}: ${messageOf(cause)}`, { cause });
  }
}

/** Also as mirrors have it: under another registry, and under a project there. */
function isDockerfileFrontend({ path }: ImageReference): boolean {
  return /(^|\/)docker\/dockerfile(-upstream)?$/.test(path);
}

/** What BuildKit finds (parser.DetectSyntax): a directive, also after a `#!` line, one with `//`, or JSON's `syntax`. */
function syntaxOf(text: string): { readonly image: string; readonly span: Span } | undefined {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const skipped = text.startsWith('#!', start) ? text.indexOf('\n', start) + 1 || text.length : start;
  const rest = text.slice(skipped);
  const found = readDirectives(rest).directives.find(({ name }) => name === 'syntax') ?? slashDirective(rest);
  if (found === undefined) return jsonSyntax(rest);
  const { start: from, end } = found.span;
  return { image: firstWord(found.value), span: { start: skipped + from, end: skipped + end } };
}

function slashDirective(text: string): { readonly value: string; readonly span: Span } | undefined {
  const head = /^(?:[ \t]*\/\/[ \t]*[a-zA-Z][a-zA-Z0-9]*[ \t]*=.*\r?\n?)*/.exec(text)?.[0] ?? '';
  const match = /^[ \t]*\/\/[ \t]*syntax[ \t]*=[ \t]*(\S.*)$/im.exec(head);
  if (match === null) return undefined;
  return { value: match[1] ?? '', span: { start: match.index, end: match.index + match[0].length } };
}

function jsonSyntax(text: string): { readonly image: string; readonly span: Span } | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const { syntax } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof syntax === 'string' ? { image: firstWord(syntax), span: { start: 0, end: text.length } } : undefined;
  } catch {
    return undefined;
  }
}

function firstWord(text: string): string {
  return text.trim().split(' ', 1)[0] ?? '';
}
