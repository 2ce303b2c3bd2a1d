/** /containers/{id}/checkpoints: as with a dockerd that is not experimental, 501. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Reply, Route } from '../route.ts';

const refuse = async (): Promise<Reply> => {
  throw new EngineError('not-implemented', 'checkpoints are not supported by this engine');
};

export function checkpointRoutes(): readonly Route[] {
  return [
    { method: 'GET', path: '/containers/{id}/checkpoints', handle: refuse },
    { method: 'POST', path: '/containers/{id}/checkpoints', handle: refuse },
    { method: 'DELETE', path: '/containers/{id}/checkpoints/{checkpoint}', handle: refuse },
  ];
}
