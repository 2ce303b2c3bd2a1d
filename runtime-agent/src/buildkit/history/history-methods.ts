/** What `docker buildx history` and `--metadata-file` ask: builds that were, and the contents that their records name. */
import { EngineError } from '#model/engine-api/errors.ts';
import * as history from '../messages/history.ts';
import { type GrpcMethod, grpcMethod } from '../wire/grpc-server.ts';
import type { BuildRecords, RecordEvent } from './build-records.ts';

const CONTROL = '/moby.buildkit.v1.Control';
const CONTENT = '/containerd.services.content.v1.Content';
/** Bytes in one message. */
const CHUNK = 1 << 20;

export interface HistoryDeps {
  readonly history: BuildRecords;
  /** Of an image's configuration. */
  readonly imageBlob: (digest: string) => Promise<Buffer | undefined>;
}

export function historyMethods({ history: records, imageBlob }: HistoryDeps): readonly GrpcMethod[] {
  const blobOf = async (digest: string): Promise<Buffer> => {
    const blob = (await records.blob(digest)) ?? (await imageBlob(digest));
    if (blob === undefined) throw new EngineError('not-found', `content digest ${digest}: not found`);
    return blob;
  };
  return [
    grpcMethod(
      `${CONTROL}/ListenBuildHistory`,
      [history.BuildHistoryRequest, history.BuildHistoryEvent],
      async ({ request, signal, head, send }) => {
        const { ActiveOnly, EarlyExit, Ref, Limit } = request;
        const isWanted = ({ type, record }: RecordEvent): boolean =>
          (Ref === '' || record?.Ref === Ref) && !(ActiveOnly && type === history.EVENT.complete);
        head({ 'buildkit-current-timestamp': new Date().toISOString() });
        const later = records.events(signal);
        const now = (await records.list()).filter(isWanted);
        for (const event of Limit === 0 ? now : now.slice(0, Limit)) await send(event);
        if (EarlyExit) return undefined;
        for await (const event of later) if (isWanted(event)) await send(event);
        return undefined;
      },
    ),
    grpcMethod(
      `${CONTROL}/UpdateBuildHistory`,
      [history.UpdateBuildHistoryRequest, history.UpdateBuildHistoryResponse],
      async ({ request: { Ref, Pinned, Delete, Finalize } }) => {
        if (Delete) await records.delete(Ref);
        else if (!Finalize) await records.pin(Ref, Pinned); // there is nothing to wait for: records have no traces
        return {};
      },
    ),
    grpcMethod(`${CONTENT}/Info`, [history.InfoRequest, history.InfoResponse], async ({ request: { digest } }) => ({
      info: { digest, size: (await blobOf(digest)).length },
    })),
    grpcMethod(
      `${CONTENT}/Read`,
      [history.ReadContentRequest, history.ReadContentResponse],
      async ({ request: { digest, offset, size }, send }) => {
        const blob = await blobOf(digest);
        const end = size === 0 ? blob.length : Math.min(blob.length, offset + size);
        for (let at = offset; at < end; at += CHUNK) {
          await send({ offset: at, data: blob.subarray(at, Math.min(at + CHUNK, end)) });
        }
        return undefined;
      },
    ),
  ];
}
