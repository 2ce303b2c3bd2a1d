/** `userns-remap`: the user whose subordinate ids (subuid(5), subgid(5)) are those of the containers. */
import { readFileSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from './host.ts';
import { type IdMapping, type IdRange, mapIds, SAME_IDS } from './id-mapping.ts';

/** What `default` means, as in dockerd; made when it is missing. */
const DEFAULT_USER = 'dockremap';
/** Where ranges begin that useradd(8) gives out, and how long they are. */
const FIRST_ID = 100_000;
const RANGE_SIZE = 65_536;

const invalid = (text: string): EngineError => new EngineError('invalid', `userns-remap: ${text}`);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

interface NamedId {
  readonly name: string;
  readonly id: number;
}

/** An entry of passwd(5) or group(5) by its name or number. */
function findEntry(table: string, wanted: string): NamedId | undefined {
  const entries = table.split('\n').map((line) => line.split(':'));
  const found =
    entries.find(([name]) => name === wanted) ??
    (/^\d+$/.test(wanted) ? entries.find((e) => e[2] === wanted) : undefined);
  return found === undefined ? undefined : { name: found[0] ?? '', id: Number(found[2]) };
}

/** The ranges of a user, by name or number, one after the other from the containers' id 0 on. */
export function subordinateRanges(table: string, user: NamedId): IdRange[] {
  let containerID = 0;
  return table.split('\n').flatMap((line) => {
    const [name, first, count] = line.trim().split(':');
    if ((name !== user.name && name !== String(user.id)) || !/^\d+$/.test(first ?? '') || !/^\d+$/.test(count ?? ''))
      return [];
    const range = { containerID, hostID: Number(first), size: Number(count) };
    containerID += range.size;
    return range.size > 0 ? [range] : [];
  });
}

/** The first id behind all ranges that were given out. */
function freeRange(table: string): string {
  const ends = table.split('\n').map((line) => {
    const [, first, count] = line.split(':').map(Number);
    return (first ?? 0) + (count ?? 0) || 0;
  });
  const first = Math.max(FIRST_ID, ...ends);
  return `${first}-${first + RANGE_SIZE - 1}`;
}

async function makeDefaultUser(host: Host): Promise<void> {
  if (findEntry(read('/etc/passwd'), DEFAULT_USER) === undefined) {
    const shape = [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/bin/false',
    ];
    await host.run('useradd', [...shape, DEFAULT_USER]);
  }
  const user = findEntry(read('/etc/passwd'), DEFAULT_USER) ?? { name: DEFAULT_USER, id: -1 };
  for (const [file, flag] of [['/etc/subuid', '--add-subuids'] as const, ['/etc/subgid', '--add-subgids'] as const]) {
    const table = read(file);
    if (subordinateRanges(table, user).length === 0) await host.run('usermod', [flag, freeRange(table), DEFAULT_USER]);
  }
}

/**
 * @param wanted `default`, or `USER[:GROUP]` by name or number
 * Throws EngineError('invalid') when there is no such user or group, or when it has no subordinate ids.
 */
export async function findIdMapping(wanted: string, host: Host): Promise<IdMapping> {
  if (wanted === 'default') await makeDefaultUser(host);
  const [userPart = '', groupPart, ...rest] = (wanted === 'default' ? DEFAULT_USER : wanted).split(':');
  if (rest.length > 0 || userPart === '') throw invalid(`${wanted}: expected default, USER or USER:GROUP`);
  const user = findEntry(read('/etc/passwd'), userPart);
  if (user === undefined) throw invalid(`there is no user ${userPart} on this host`);
  if (groupPart !== undefined && findEntry(read('/etc/group'), groupPart) === undefined) {
    throw invalid(`there is no group ${groupPart} on this host`);
  }
  if (user.id === 0) return SAME_IDS; // as in dockerd: root stays root
  const [uids, gids] = ['/etc/subuid', '/etc/subgid'].map((file) => {
    const ranges = subordinateRanges(read(file), user);
    if (ranges.length > 0) return ranges;
    throw invalid(
      `user ${user.name} has no range in ${file}: add a line such as ${user.name}:${FIRST_ID}:${RANGE_SIZE}`,
    );
  });
  return mapIds(uids ?? [], gids ?? []);
}
