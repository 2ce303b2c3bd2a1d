/** Builds that were (moby.buildkit.v1.Control/ListenBuildHistory), and the contents that they name (containerd's content service). */
import { Status } from '../wire/grpc-status.ts';
import {
  bool,
  bytes,
  int64,
  maybe,
  message,
  messageMap,
  messages,
  string,
  stringMap,
  strings,
  uint32,
} from '../wire/protobuf.ts';
import { Exporter, Timestamp } from './control.ts';

export const Descriptor = message({
  media_type: string(1),
  digest: string(2),
  size: int64(3),
  annotations: stringMap(5),
});
/** Of a map whose keys are numbers. */
const NumberedDescriptor = message({ key: int64(1), value: maybe(2, Descriptor) });
export const BuildResultInfo = message({
  ResultDeprecated: maybe(1, Descriptor),
  Attestations: messages(2, Descriptor),
  Results: messages(3, NumberedDescriptor),
});

export const BuildHistoryRecord = message({
  Ref: string(1),
  Frontend: string(2),
  FrontendAttrs: stringMap(3),
  Exporters: messages(4, Exporter),
  error: maybe(5, Status),
  CreatedAt: maybe(6, Timestamp),
  CompletedAt: maybe(7, Timestamp),
  logs: maybe(8, Descriptor),
  ExporterResponse: stringMap(9),
  Result: maybe(10, BuildResultInfo),
  Results: messageMap(11, BuildResultInfo),
  Generation: uint32(12),
  pinned: bool(14),
  numCachedSteps: uint32(15),
  numTotalSteps: uint32(16),
  numCompletedSteps: uint32(17),
  externalError: maybe(18, Descriptor),
  numWarnings: uint32(19),
});
export const BuildHistoryRequest = message({
  ActiveOnly: bool(1),
  Ref: string(2),
  EarlyExit: bool(3),
  Filter: strings(4),
  Limit: uint32(5),
});
export const EVENT = { started: 0, complete: 1, deleted: 2 } as const;
export const BuildHistoryEvent = message({ type: uint32(1), record: maybe(2, BuildHistoryRecord) });
export const UpdateBuildHistoryRequest = message({
  Ref: string(1),
  Pinned: bool(2),
  Delete: bool(3),
  Finalize: bool(4),
});
export const UpdateBuildHistoryResponse = message({});

const Info = message({
  digest: string(1),
  size: int64(2),
  created_at: maybe(3, Timestamp),
  updated_at: maybe(4, Timestamp),
});
export const InfoRequest = message({ digest: string(1) });
export const InfoResponse = message({ info: maybe(1, Info) });
export const ReadContentRequest = message({ digest: string(1), offset: int64(2), size: int64(3) });
export const ReadContentResponse = message({ offset: int64(1), data: bytes(2) });
