/** What is kept of a build that has ended. */
import type { BuildResult } from '../../build/request.ts';
import type { Platform } from '#model/oci/platform.ts';
import type { DockerfileText } from '../../build/client-files.ts';
import type { FrontendOptions } from '../solve/frontend-options.ts';
import { StatusResponse } from '../messages/control.ts';
import type { Told } from '../progress/status-log.ts';
import { timestampOf } from '../progress/timestamp.ts';
import { type GrpcStatus, Status } from '../wire/grpc-status.ts';
import { type BuildRecord, digestOf, type EndedBuild } from './record-files.ts';
import { PROVENANCE_TYPE, provenanceOf } from './provenance.ts';

const LOGS = 'application/vnd.buildkit.status.v0';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
/** As BuildKit spells it. */
const STATUS = 'application/vnd.googeapis.google.rpc.status+proto';

export type Outcome =
  | { readonly failed: GrpcStatus }
  | {
      /** Undefined when the client wanted nothing. */
      readonly result: Pick<BuildResult, 'imageId' | 'sources'> | undefined;
      readonly options: FrontendOptions;
      readonly response: Readonly<Record<string, string>>;
    };

export interface Ending {
  readonly begun: BuildRecord;
  /** Milliseconds. */
  readonly started: number;
  readonly finished: number;
  readonly told: readonly Told[];
  readonly dockerfile: DockerfileText | undefined;
  readonly platform: Platform;
  readonly outcome: Outcome;
}

export function endedBuild(ending: Ending): EndedBuild {
  const { begun, finished, told, outcome } = ending;
  const logs = logOf(told);
  const common = {
    ...begun,
    CompletedAt: timestampOf(finished),
    logs: descriptorOf(logs, LOGS),
    Generation: 1,
    ...countsOf(told),
  };
  if ('failed' in outcome) {
    const { code, message, details } = outcome.failed;
    const whole = Status.encode({ code, message, details: [...details, ...failedVertex(told)] });
    return {
      record: { ...common, error: { code, message }, externalError: descriptorOf(whole, STATUS) },
      blobs: [logs, whole],
    };
  }
  const { result, options, response } = outcome;
  const record = { ...common, ExporterResponse: { ...response } };
  if (result === undefined) return { record, blobs: [logs] };
  const { started, platform, dockerfile } = ending;
  const provenance = provenanceOf({
    id: begun.Ref,
    options,
    sources: result.sources,
    platform,
    dockerfile,
    started: new Date(started).toISOString(),
    finished: new Date(finished).toISOString(),
  });
  const told02 = Buffer.from(JSON.stringify(provenance, undefined, 2));
  const annotations = { 'in-toto.io/predicate-type': PROVENANCE_TYPE };
  const value = { media_type: CONFIG, digest: result.imageId };
  const image = result.imageId === '' ? {} : { ResultDeprecated: value, Results: [{ key: 0, value }] };
  const Result = { ...image, Attestations: [{ ...descriptorOf(told02, IN_TOTO), annotations }] };
  return { record: { ...record, Result }, blobs: [logs, told02] };
}

/** Which step it was, as solver/errdefs has it: clients look up what it said. */
function failedVertex(told: readonly Told[]) {
  const failed = told.flatMap(({ vertexes = [] }) => vertexes).findLast(({ error = '' }) => error !== '');
  if (failed === undefined) return [];
  const value = Buffer.from(JSON.stringify({ digest: failed.digest }));
  return [{ type_url: 'github.com/moby/buildkit/errdefs.Vertex+json', value }];
}

function descriptorOf(blob: Buffer, media_type: string) {
  return { media_type, digest: digestOf(blob), size: blob.length };
}

/** StatusResponses, each behind its length in 32 bits, the lowest byte first. */
function logOf(told: readonly Told[]): Buffer {
  const frames = told.map((one) => {
    const bytes = StatusResponse.encode(one);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(frames.flat());
}

/** The reverse, as messages that have only to be sent. */
export function messagesOfLog(log: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 4 <= log.length; ) {
    const end = at + 4 + log.readUInt32LE(at);
    messages.push(log.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

function countsOf(told: readonly Told[]) {
  const latest = new Map(told.flatMap(({ vertexes = [] }) => vertexes).map((vertex) => [vertex.digest, vertex]));
  const all = [...latest.values()];
  return {
    numTotalSteps: all.length,
    numCompletedSteps: all.filter(({ completed }) => completed !== undefined).length,
    numCachedSteps: all.filter(({ cached }) => cached).length,
    numWarnings: told.flatMap(({ warnings = [] }) => warnings).length,
  };
}
