/** `docker build --call=subrequests.describe`: what can be asked. */
import type { SubrequestResult } from './subrequest.ts';
import { textTable } from './text-table.ts';

const TARGET = [{ name: 'target', description: 'Target build stage' }];
const KNOWN = [
  { name: 'outline', description: 'List all parameters current build target supports', opts: TARGET },
  { name: 'targets', description: 'List all targets current build supports', opts: [] },
  { name: 'lint', description: 'Lint a Dockerfile', opts: [] },
  { name: 'subrequests.describe', description: 'List available subrequest types', opts: null },
];

export function describeResult(): SubrequestResult {
  const metadata = ['result.json', 'result.txt'].map((name) => ({ name, description: '' }));
  const common = { version: '1.0.0', type: 'rpc', inputs: null, metadata, refs: null };
  return {
    json: KNOWN.map(({ name, ...more }) => ({ name: `frontend.${name}`, ...more, ...common })),
    text: textTable(
      [['NAME', 'VERSION', 'DESCRIPTION'], ...KNOWN.map(({ name, description }) => [name, '1.0.0', description])],
      1,
    ),
  };
}
