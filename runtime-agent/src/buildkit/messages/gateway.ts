/** moby.buildkit.v1.frontend.LLBBridge, which a client asks for what a frontend would do (frontend/gateway/pb). */
import { bool, bytesMap, maybe, message, messageMap, messages, string, stringMap } from '../wire/protobuf.ts';
import { Status } from '../wire/grpc-status.ts';
import { Definition, WorkerRecord } from './control.ts';

const APICap = message({ ID: string(1), Enabled: bool(2), DisabledReasonMsg: string(5) });
export const PingRequest = message({});
export const PongResponse = message({
  FrontendAPICaps: messages(1, APICap),
  LLBCaps: messages(2, APICap),
  Workers: messages(3, WorkerRecord),
});

const Ref = message({ id: string(1), def: maybe(2, Definition) });
const RefMap = message({ refs: messageMap(1, Ref) });
const Result = message({ ref: maybe(3, Ref), refs: maybe(4, RefMap), metadata: bytesMap(10) });

export const SolveRequest = message({
  Definition: maybe(1, Definition),
  Frontend: string(2),
  FrontendOpt: stringMap(3),
  FrontendInputs: messageMap(13, Definition),
  Evaluate: bool(14),
});
export const SolveResponse = message({ result: maybe(3, Result) });
export const ReturnRequest = message({ result: maybe(1, Result), error: maybe(2, Status) });
export const ReturnResponse = message({});
export const EvaluateRequest = message({ Ref: string(1) });
export const EvaluateResponse = message({});
export const InputsRequest = message({});
export const InputsResponse = message({ Definitions: messageMap(1, Definition) });
