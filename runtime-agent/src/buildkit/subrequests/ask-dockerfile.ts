import { parseDockerfile } from '../../build/dockerfile-source.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { failureStatus } from '../progress/failure-status.ts';
import { sessionFiles } from '../session/session-files.ts';
import { frontendRequest, type FrontendOptions } from '../solve/frontend-options.ts';
import type { RunningBuild } from '../solve/running-builds.ts';
import type { SolveTools } from '../solve/solve.ts';
import { grpcFailure } from '../wire/grpc-status.ts';
import { answerSubrequest } from './answer-subrequest.ts';

/** Answers what the options ask of the client's Dockerfile, as the metadata of a result. */
export async function askDockerfile(
  options: FrontendOptions,
  { session, signal, log }: RunningBuild,
  { sessions, kept }: SolveTools,
): Promise<Record<string, Buffer>> {
  if (options['context']) {
    throw new EngineError('not-implemented', 'a Dockerfile that is elsewhere cannot be checked: fetch it first');
  }
  try {
    const own = await sessions.find(session, signal);
    const filename = options['filename'] || 'Dockerfile';
    const folders = {
      dockerfile: options['dockerfilekey'] || 'dockerfile',
      context: options['contextkey'] || 'context',
    };
    const files = sessionFiles({ sessionOf: () => own, kept, watch: log.watch, signal, filename, folders });
    const file = await files.dockerfile();
    log.watch({ kind: 'dockerfile', file });
    const { target = '', buildArgs: given = {} } = frontendRequest(options);
    const { dockerfile } = parseDockerfile(file, { buildArgs: given });
    const asked = { ...file, dockerfile, ignoreFile: await files.ignoreFile(), target, given };
    return answerSubrequest(options['requestid'] ?? '', asked);
  } catch (error) {
    throw grpcFailure(failureStatus(error, log.dockerfile()));
  }
}
