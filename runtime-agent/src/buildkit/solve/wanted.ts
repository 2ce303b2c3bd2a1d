import { EngineError } from '#model/engine-api/errors.ts';
import { refuseOtherFrontend } from '../../build/frontend-image.ts';
import type { Definition } from '../messages/control.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { resultOf } from './result-definition.ts';
import type { FrontendOptions } from './frontend-options.ts';
import type { Wanted } from './running-builds.ts';

/** Throws EngineError('not-implemented') for frontends that are not there. */
export function wantedOf(
  frontend: string,
  options: FrontendOptions,
  inputs: Readonly<Record<string, Partial<ValueOf<typeof Definition>>>>,
): Wanted {
  if (frontend === 'gateway.v0') refuseOtherFrontend(options['source'] ?? '');
  else if (frontend !== 'dockerfile.v0') {
    throw new EngineError('not-implemented', `the frontend ${frontend} is not there: this engine builds Dockerfiles`);
  }
  const results = Object.entries(inputs).map(([name, graph]): [string, string] => {
    const result = resultOf(graph);
    if (result === undefined) {
      throw new EngineError(
        'not-implemented',
        `the input ${name} is a graph (LLB) that a client made, which cannot be built`,
      );
    }
    return [name, result];
  });
  return { options, inputs: new Map(results) };
}
