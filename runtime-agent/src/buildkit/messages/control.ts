/** moby.buildkit.v1.Control and what its messages are made of (moby/buildkit api/services/control, api/types, solver/pb). */
import {
  bool,
  byteStrings,
  bytes,
  bytesMap,
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

export const Timestamp = message({ seconds: int64(1), nanos: uint32(2) });
export const Platform = message({ Architecture: string(1), OS: string(2), Variant: string(3) });
const Position = message({ line: uint32(1), character: uint32(2) });
const Range = message({ start: maybe(1, Position), end: maybe(2, Position) });
const SourceInfo = message({ filename: string(1), data: bytes(2), language: string(4) });

/** A graph of a client's own, or one that stands for a result of ours (see gateway/result-definition.ts). */
export const Definition = message({ def: byteStrings(1), metadata: bytesMap(2) });

const CacheOptionsEntry = message({ Type: string(1), Attrs: stringMap(2) });
const CacheOptions = message({ Exports: messages(4, CacheOptionsEntry), Imports: messages(5, CacheOptionsEntry) });
export const Exporter = message({ Type: string(1), Attrs: stringMap(2) });

export const SolveRequest = message({
  Ref: string(1),
  Definition: maybe(2, Definition),
  ExporterDeprecated: string(3),
  ExporterAttrsDeprecated: stringMap(4),
  Session: string(5),
  Frontend: string(6),
  FrontendAttrs: stringMap(7),
  Cache: maybe(8, CacheOptions),
  Entitlements: strings(9),
  FrontendInputs: messageMap(10, Definition),
  Internal: bool(11),
  Exporters: messages(13, Exporter),
});
export const SolveResponse = message({ ExporterResponse: stringMap(1) });

export const Vertex = message({
  digest: string(1),
  inputs: strings(2),
  name: string(3),
  cached: bool(4),
  started: maybe(5, Timestamp),
  completed: maybe(6, Timestamp),
  error: string(7),
});
export const VertexStatus = message({
  ID: string(1),
  vertex: string(2),
  name: string(3),
  current: int64(4),
  total: int64(5),
  timestamp: maybe(6, Timestamp),
  started: maybe(7, Timestamp),
  completed: maybe(8, Timestamp),
});
export const VertexLog = message({
  vertex: string(1),
  timestamp: maybe(2, Timestamp),
  stream: int64(3),
  msg: bytes(4),
});
export const VertexWarning = message({
  vertex: string(1),
  level: int64(2),
  short: bytes(3),
  detail: byteStrings(4),
  url: string(5),
  info: maybe(6, SourceInfo),
  ranges: messages(7, Range),
});
export const StatusRequest = message({ Ref: string(1) });
export const StatusResponse = message({
  vertexes: messages(1, Vertex),
  statuses: messages(2, VertexStatus),
  logs: messages(3, VertexLog),
  warnings: messages(4, VertexWarning),
});

const BuildkitVersion = message({ package: string(1), version: string(2), revision: string(3) });
export const WorkerRecord = message({
  ID: string(1),
  Labels: stringMap(2),
  platforms: messages(3, Platform),
  BuildkitVersion: maybe(5, BuildkitVersion),
});
export const ListWorkersRequest = message({ filter: strings(1) });
export const ListWorkersResponse = message({ record: messages(1, WorkerRecord) });
export const InfoRequest = message({});
export const InfoResponse = message({ buildkitVersion: maybe(1, BuildkitVersion) });

export const UsageRecord = message({
  ID: string(1),
  Mutable: bool(2),
  InUse: bool(3),
  Size: int64(4),
  CreatedAt: maybe(6, Timestamp),
  LastUsedAt: maybe(7, Timestamp),
  UsageCount: int64(8),
  Description: string(9),
  RecordType: string(10),
  Shared: bool(11),
});
export const DiskUsageRequest = message({ filter: strings(1) });
export const DiskUsageResponse = message({ record: messages(1, UsageRecord) });
export const PruneRequest = message({
  filter: strings(1),
  all: bool(2),
  keepDuration: int64(3),
  reservedSpace: int64(4),
  maxUsedSpace: int64(5),
  minFreeSpace: int64(6),
});
