/** `docs/engine-api-coverage.md`: what of Docker's API the engine has, and which tests hold it to that. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Route } from '../../../runtime-agent/src/api/route.ts';
import { createRouter, type Router } from '../../../runtime-agent/src/api/router.ts';
import { buildRoutes } from '../../../runtime-agent/src/api/routes/build.ts';
import { buildKitRoutes } from '../../../runtime-agent/src/api/routes/buildkit.ts';
import { containerFileRoutes } from '../../../runtime-agent/src/api/routes/container-files.ts';
import { containerStateRoutes } from '../../../runtime-agent/src/api/routes/container-state.ts';
import { containerStreamRoutes } from '../../../runtime-agent/src/api/routes/container-streams.ts';
import { containerRoutes } from '../../../runtime-agent/src/api/routes/containers.ts';
import { eventRoutes } from '../../../runtime-agent/src/api/routes/events.ts';
import { execRoutes } from '../../../runtime-agent/src/api/routes/exec.ts';
import { imageTransferRoutes } from '../../../runtime-agent/src/api/routes/image-transfer.ts';
import { imageRoutes } from '../../../runtime-agent/src/api/routes/images.ts';
import { networkRoutes } from '../../../runtime-agent/src/api/routes/networks.ts';
import { systemRoutes } from '../../../runtime-agent/src/api/routes/system.ts';
import { volumeRoutes } from '../../../runtime-agent/src/api/routes/volumes.ts';
import { CREATE } from '../rows/create.ts';
import { FILES } from '../rows/files.ts';
import { LIFECYCLE } from '../rows/lifecycle.ts';
import { REMOVAL } from '../rows/removal.ts';
import { LISTS } from '../rows/lists.ts';
import { STREAMS } from '../rows/streams.ts';
import { SYSTEM } from '../rows/system.ts';
import type { Row, Step } from '../step.ts';
import { ANSWERS, comparedFields, fieldsOf, isTaken, LIMITS, REQUESTS } from './fields.ts';
import { type Operation, OPERATIONS } from './operations.ts';

export const PAGE = path.resolve(import.meta.dirname, '../../../docs/engine-api-coverage.md');

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  create: CREATE,
  lifecycle: LIFECYCLE,
  removal: REMOVAL,
  streams: STREAMS,
  files: FILES,
  lists: LISTS,
  system: SYSTEM,
};
const RECORDED = ['containers.json', 'streams.json', 'files.json', 'lists.json', 'system.json'];

/** Where no row can be, because Docker would need a registry or BuildKit: the tests that there are. */
const OTHER_TESTS: Readonly<Record<string, string>> = {
  'POST /auth': 'private-registry',
  'POST /session': 'buildkit-protocol, buildkit-session-build',
  'GET /containers/{id}/attach/ws': 'containers-websocket',
  'POST /images/create': 'images-pull',
  'POST /images/{name}/push': 'images-push',
  'GET /images/get': 'image-archives',
  'GET /images/{name}/get': 'image-archives',
  'POST /images/load': 'image-archives',
  'POST /images/prune': 'image-garbage',
  'GET /distribution/{name}/json': 'images-push',
  'POST /build': 'build, build-run, build-add, build-cache',
  'POST /build/prune': 'build-cache',
};
const WITHOUT_SUPPORT: Readonly<Record<string, string>> = {
  Swarm: '503: there is no swarm',
  'GET /plugins/privileges': '501',
  'POST /plugins/pull': '501',
  'POST /plugins/create': '501',
  'POST /plugins/{name}/upgrade': '501',
  'PUT /volumes/{name}': '503: there is no swarm',
};

/** The tables name their handlers' needs, which nobody asks for here. */
const nothing = {} as never;
function allRoutes(): readonly Route[] {
  return [
    ...systemRoutes(nothing),
    ...eventRoutes(nothing),
    ...containerRoutes(nothing),
    ...containerStreamRoutes(nothing),
    ...containerStateRoutes(nothing),
    ...containerFileRoutes(nothing),
    ...execRoutes(nothing),
    ...imageRoutes(nothing),
    ...imageTransferRoutes(nothing),
    ...networkRoutes(nothing),
    ...volumeRoutes(nothing),
    ...buildRoutes(nothing),
    ...buildKitRoutes(nothing),
  ];
}

function routed(router: Router, method: string, resource: string): Route | undefined {
  try {
    return router.find(method, resource).route;
  } catch {
    return undefined;
  }
}

const requestsOf = (step: Step): readonly { readonly method: string; readonly path: string }[] => {
  if (step.kind === 'request') return [step];
  return step.kind === 'begin' || step.kind === 'open' ? [step.request] : [];
};

/** How many rows of each table ask for the operation. */
function rowsFor(matcher: Router): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const [table, rows] of Object.entries(TABLES)) {
    for (const { steps } of rows) {
      const asked = new Set(
        steps.flatMap(requestsOf).flatMap(({ method, path: whole }) => {
          const [plain = ''] = whole.replace(/^\/v1\.\d+/, '').split('?');
          const route = routed(matcher, method, plain);
          return route === undefined ? [] : [`${method} ${route.path}`];
        }),
      );
      for (const key of asked) {
        const byTable = counts.get(key) ?? new Map<string, number>();
        counts.set(key, byTable.set(table, (byTable.get(table) ?? 0) + 1));
      }
    }
  }
  return counts;
}

function operationLine(
  { group, method, path: place }: Operation,
  served: boolean,
  rows: ReadonlyMap<string, number> | undefined,
): string {
  const key = `${method} ${place}`;
  const refusal = WITHOUT_SUPPORT[key] ?? WITHOUT_SUPPORT[group];
  const status = served ? (refusal ?? 'yes') : 'no: 404';
  const tables = [...(rows ?? [])].map(([table, count]) => `${table} ${count}`);
  const tests = [...tables, ...(OTHER_TESTS[key] === undefined ? [] : [OTHER_TESTS[key]])];
  return `| \`${method}\` | \`${place}\` | ${status} | ${tests.join(', ') || '–'} |`;
}

function operations(): readonly string[] {
  const router = createRouter(allRoutes());
  const handle = async (): Promise<undefined> => undefined;
  const known = createRouter(
    OPERATIONS.map(({ method, path: place }) => ({ method: method as Route['method'], path: place, handle })),
  );
  const rows = rowsFor(known);
  const groups = [...new Set(OPERATIONS.map(({ group }) => group))];
  return groups.flatMap((group) => [
    '',
    `### ${group}`,
    '',
    '| method | path | supported | tests |',
    '|---|---|---|---|',
    ...OPERATIONS.filter((operation) => operation.group === group).map((operation) => {
      const served = routed(router, operation.method, operation.path.replaceAll(/\{\w+\}/g, 'x')) !== undefined;
      return operationLine(operation, served, rows.get(`${operation.method} ${operation.path}`));
    }),
  ]);
}

function requestFields(): readonly string[] {
  return REQUESTS.flatMap((request) => {
    const lines = fieldsOf(request.type).map((field) => {
      const limit = LIMITS[field];
      const status = limit ?? (isTaken(request, field) ? 'yes' : 'not read');
      return `| \`${field}\` | ${status} |`;
    });
    return ['', `### ${request.title} (\`${request.type}\`)`, '', '| field | supported |', '|---|---|', ...lines];
  });
}

function answerFields(): readonly string[] {
  const compared = comparedFields(RECORDED);
  return ANSWERS.flatMap(({ type }) => {
    const names = compared.get(type);
    const fields = fieldsOf(type);
    const same = fields.filter((field) => names?.has(field));
    const rest = fields.filter((field) => !names?.has(field));
    const list = (some: readonly string[]): string => some.map((field) => `\`${field}\``).join(', ') || '–';
    return ['', `### \`${type}\``, '', `Compared: ${list(same)}`, '', `Not in a recorded answer: ${list(rest)}`];
  });
}

/** The text that the page should have. */
export function coveragePage(): string {
  const lines = [
    '# What of the Docker Engine API there is',
    '',
    'Made by `npm run generate`; do not edit. API versions 1.24 to 1.51.',
    '',
    'Tests are rows of the tables in `test/conformance/rows`, with how many rows ask for the operation, and files of',
    '`test/integration`. What the rows compare was answered by Docker 28.5 and is in `test/conformance/expected`; where the',
    'engine differs on purpose, the row or `test/conformance/deviations.ts` says why.',
    '',
    '## Operations',
    ...operations(),
    '',
    '## Fields of requests',
    ...requestFields(),
    '',
    '## Fields of answers',
    '',
    'A field is compared when Docker answered it in a recorded row, so that the engine has to answer the same.',
    ...answerFields(),
    '',
  ];
  return lines.join('\n');
}

/** Whether the page is what it should be. */
export function isCoverageFresh(): boolean {
  try {
    return readFileSync(PAGE, 'utf8') === coveragePage();
  } catch {
    return false;
  }
}
