/** Writes down how a build of a client's ends, unless the client says that it is none of a user's. */
import type { Platform } from '#model/oci/platform.ts';
import type { SolveRequest } from '../messages/control.ts';
import { timestampOf } from '../progress/timestamp.ts';
import type { RunningBuild } from '../solve/running-builds.ts';
import { statusOf } from '../wire/grpc-status.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import type { BuildRecords } from './build-records.ts';
import { endedBuild, type Outcome } from './ended-build.ts';

export interface RecordTools {
  readonly history: BuildRecords;
  /** Of this machine. */
  readonly platform: Platform;
}

export interface RecordedBuild extends AsyncDisposable {
  succeeded(outcome: Outcome): void;
  failed(error: unknown): void;
}

/** Disposed of, the build has ended, and is on the disk: what a client has heard of is there after a kill. */
export function recordBuild(
  { Ref, Frontend, FrontendAttrs, Exporters, Internal }: ValueOf<typeof SolveRequest>,
  { log }: Pick<RunningBuild, 'log'>,
  { history, platform }: RecordTools,
): RecordedBuild {
  if (Internal) return { succeeded() {}, failed() {}, async [Symbol.asyncDispose]() {} };
  const started = Date.now();
  const begun = { Ref, Frontend, FrontendAttrs, Exporters, CreatedAt: timestampOf(started) };
  const open = history.begun(begun);
  let outcome: Outcome = { result: undefined, options: {}, response: {} };
  return {
    succeeded: (how) => void (outcome = how),
    failed: (error) => void (outcome = { failed: statusOf(error) }),
    async [Symbol.asyncDispose]() {
      const [told, dockerfile] = [log.told(), log.dockerfile()];
      await open.ended(endedBuild({ begun, started, finished: Date.now(), told, dockerfile, platform, outcome }));
    },
  };
}
