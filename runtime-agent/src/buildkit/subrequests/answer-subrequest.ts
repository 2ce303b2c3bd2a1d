/** Questions about a Dockerfile that is not built: `docker build --check` and `--call` (frontend/subrequests). */
import { EngineError } from '#model/engine-api/errors.ts';
import { describeResult } from './describe-result.ts';
import { lintResult } from './lint-result.ts';
import { outlineResult } from './outline-result.ts';
import type { AskedDockerfile, SubrequestResult } from './subrequest.ts';
import { targetsResult } from './targets-result.ts';

/** The answer's metadata. Throws EngineError('not-implemented') for a question that is not known. */
export function answerSubrequest(id: string, asked: AskedDockerfile): Record<string, Buffer> {
  const { json, text, code } = resultOf(id, asked);
  return {
    'result.json': Buffer.from(JSON.stringify(json, undefined, 2)),
    'result.txt': Buffer.from(text),
    version: Buffer.from('1.0.0'),
    ...(code === undefined ? {} : { 'result.statuscode': Buffer.from(String(code)) }),
  };
}

function resultOf(id: string, asked: AskedDockerfile): SubrequestResult {
  switch (id) {
    case 'frontend.lint':
      return lintResult(asked);
    case 'frontend.outline':
      return outlineResult(asked);
    case 'frontend.targets':
      return targetsResult(asked);
    case 'frontend.subrequests.describe':
      return describeResult();
    default:
      throw new EngineError('not-implemented', `the subrequest ${id} is not there: use check, outline or targets`);
  }
}
