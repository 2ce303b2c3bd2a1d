/** A build's failure in BuildKit's words, with the place in the Dockerfile that its clients show. */
import type { DockerfileText } from '../../build/client-files.ts';
import { failureCause } from '../../build/failure-cause.ts';
import { wholeName } from '../../build/watch.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Span } from '#model/text/span.ts';
import { GRPC, type GrpcStatus, type StatusDetail, statusOf } from '../wire/grpc-status.ts';

/** Of solver/errdefs, as its clients read it. */
const SOURCE = 'github.com/moby/buildkit/errdefs.Source+json';

/** What solving a step begins with, and the step itself does not. */
const CACHE_KEY = 'failed to compute cache key: ';
const SOURCE_KEY = 'failed to load cache key: ';

/** Of the step that failed. */
export function stepFailureMessage(error: unknown): string {
  const message = failureMessage(error);
  const before = [CACHE_KEY, SOURCE_KEY].find((words) => message.startsWith(words)) ?? '';
  return message.slice(before.length);
}

export function failureMessage(error: unknown): string {
  if (error instanceof EngineError && error.code === 'cancelled') return 'context canceled';
  const { exit, unstarted, missing, address, image, place } = failureCause(error);
  if (exit !== undefined) {
    return `process ${JSON.stringify(exit.argv.join(' '))} did not complete successfully: exit code: ${exit.code}`;
  }
  if (unstarted !== undefined) {
    const why = unstarted.words === undefined ? messageOf(error) : 'exit code: 1';
    return `process ${JSON.stringify(unstarted.argv.join(' '))} did not complete successfully: ${why}`;
  }
  if (missing !== undefined) return `${CACHE_KEY}failed to calculate checksum of ref context: "${missing}": not found`;
  if (image !== undefined) {
    return `${image}: failed to resolve source metadata for ${wholeName(image)}: ${messageOf(error)}`;
  }
  const brief = place?.brief ?? messageOf(error);
  return address === undefined ? brief : SOURCE_KEY + brief;
}

/** @param dockerfile where the place is, as far as it is known */
export function failureStatus(error: unknown, dockerfile: DockerfileText | undefined): GrpcStatus {
  const { place } = failureCause(error);
  const file = place?.file ?? dockerfile;
  const places = place === undefined ? [] : [place.span, ...(place.more ?? [])];
  const details = file === undefined ? [] : places.map((span) => sourceDetail(file, span));
  const { code } = statusOf(error);
  // Clients show every other code in front of the message.
  const isTold = code === GRPC.cancelled || code === GRPC.unimplemented;
  return { code: isTold ? code : GRPC.unknown, message: failureMessage(error), details };
}

function sourceDetail({ name, text }: DockerfileText, { start, end }: Span): StatusDetail {
  const index = createLineIndex(text);
  const lines = { start: { line: index.lineAt(start) + 1 }, end: { line: index.lineAt(Math.max(start, end - 1)) + 1 } };
  const info = { filename: name, data: Buffer.from(text).toString('base64'), language: 'Dockerfile' };
  return { type_url: SOURCE, value: Buffer.from(JSON.stringify({ info, ranges: [lines] })) };
}
