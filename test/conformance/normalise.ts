/** Makes two engines' answers comparable: what differs from run to run becomes a word that says what it is. */

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
const ZERO_TIME = '0001-01-01T00:00:00Z';
const MAC = /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g;
const ADDRESS = /\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g;
/** Numbers that are never the same twice, and how much of them matters. */
const CHANGING = new Set(
  'Created time timeNano Pid Size SizeRw SizeRootFs VirtualSize SharedSize LayersSize CreatedAt mtime ctime'.split(' '),
);
/** Of these each engine has its own. */
const OWN_PATHS = new Set(['LogPath', 'SandboxKey', 'ResolvConfPath', 'HostnamePath', 'HostsPath']);
/** Docker's own state of the machine it was recorded on. */
const NOT_HERE = 'IPv4 forwarding is disabled. Networking will not work.';

export interface Names {
  /** Prefix of the row's names, which becomes `~`. */
  readonly prefix: string;
  readonly image: string;
  /** Data root, which becomes `{root}`. */
  readonly root: string;
}

/** One for each run of a row: ids are numbered as they appear. */
export function createNormaliser(names: Names): (value: unknown) => unknown {
  const ids = new Map<string, number>();
  const known = (id: string): number => {
    for (const [full, number] of ids) if (full.startsWith(id)) return number;
    ids.set(id, ids.size + 1);
    return ids.size;
  };
  const text = (value: string): string =>
    value
      .replaceAll(names.prefix, '~')
      .replaceAll(names.image, '$IMAGE')
      .replaceAll(names.root, '{root}')
      .replace(/\b[0-9a-f]{64}\b/g, (id) => `<id ${known(id)}>`)
      .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, (id) => `<short id ${known(id)}>`)
      .replace(TIME, (time) => (time === ZERO_TIME ? time : '<time>'))
      .replace(/from 0\.01 to .* available/, '<of this machine>')
      .replace(MAC, '<mac>')
      .replace(ADDRESS, '<address>');
  const any = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') {
      if (key === 'execDuration') return '<seconds>';
      if (key === 'Status') return value.replace(/^(Up|Exited \(\d+\)) .*?( ago)?( \(\w+\))?$/, '$1 <time>$2$3');
      return OWN_PATHS.has(key) && value !== '' ? '<path>' : text(value);
    }
    if (typeof value === 'number') return CHANGING.has(key) && value !== 0 ? '<number>' : value;
    if (Array.isArray(value)) return ordered(value.filter((item) => item !== NOT_HERE)).map((item) => any(item));
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'GraphDriver') return { Name: (value as { Name?: unknown }).Name };
    const entries = Object.entries(value).map(([name, field]) => [text(name), any(field, name)] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return any;
}

interface Listed {
  readonly Action?: string;
  readonly Destination?: string;
  /** Of a change, which have a Kind besides. */
  readonly Path?: string;
  readonly PrivatePort?: number;
}

/** Docker keeps no order among mounts, ports and changes, and tells of `die` and `stop` as it happens. */
function ordered(list: readonly unknown[]): readonly unknown[] {
  const items = list as readonly (Listed | null)[];
  const key = (item: Listed | null): string | number | undefined =>
    typeof item === 'object' ? (item?.Destination ?? item?.PrivatePort ?? item?.Path) : undefined;
  if (items.length > 0 && items.every((item) => key(item) !== undefined)) {
    return [...items].sort((a, b) => ((key(a) ?? 0) < (key(b) ?? 0) ? -1 : 1));
  }
  const result = [...items];
  for (let i = 1; i < result.length; i++) {
    const [before, now] = [result[i - 1], result[i]];
    if (before?.Action === 'stop' && now?.Action === 'die') result.splice(i - 1, 2, now, before);
  }
  return result;
}

/** Names and kinds of values; of a list, its first item. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)]));
}

/** The paths at which two values are not the same, with both. */
export function differences(expected: unknown, actual: unknown, path = ''): readonly string[] {
  if (Object.is(expected, actual)) return [];
  const both = [expected, actual];
  const areObjects = both.every((value) => typeof value === 'object' && value !== null);
  if (!areObjects || Array.isArray(expected) !== Array.isArray(actual)) {
    return [`${path}: Docker ${brief(expected)}, here ${brief(actual)}`];
  }
  const [left, right] = both as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return names.flatMap((name) => differences(left[name], right[name], path === '' ? name : `${path}.${name}`));
}

const brief = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
