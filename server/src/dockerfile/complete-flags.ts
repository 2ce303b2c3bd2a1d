import { spanOf } from '#model/text/span.ts';
import type { Completion } from '../language.ts';
import { folderOf } from '../paths.ts';
import { completePaths } from './complete-paths.ts';
import { stagesAbove } from './complete-stages.ts';
import { completeUsers } from './complete-users.ts';
import type { Cursor } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { flagInfo, flagsOf } from './flags.ts';
import { MODES } from './known-values.ts';
import { MOUNT_KEYS } from './mount-fields.ts';

export function completeFlagNames(cursor: Cursor): Completion[] {
  const used = new Set(
    cursor.instruction?.flags.filter(({ span }) => span.end < cursor.offset).map(({ name }) => name),
  );
  return Object.entries(flagsOf(cursor.keyword))
    .filter(([name, { type }]) => type === 'list' || !used.has(name))
    .map(([name, { type, documentation }]) => ({
      label: `--${name}`,
      kind: 'property',
      documentation,
      span: cursor.wordSpan,
      text: type === 'boolean' ? `--${name}` : `--${name}=`,
      continues: type !== 'boolean',
    }));
}

export function completeFlagValue(document: DockerfileDocument, cursor: Cursor): Completion[] {
  const equals = cursor.word.indexOf('=');
  const name = cursor.word.slice(2, equals);
  if (cursor.keyword === 'RUN' && name === 'mount') return completeMount(document, cursor, equals + 1);
  const span = spanOf(cursor.wordSpan.start + equals + 1, cursor.wordSpan.end);
  if (name === 'from') return stagesAbove(document, cursor, span);
  if (name === 'chown') return completeUsers(document, cursor, span);
  if (name === 'chmod') {
    return [...MODES].map(([label, documentation], rank) => ({
      label,
      kind: 'value',
      documentation,
      span,
      text: label,
      rank,
    }));
  }
  return (flagInfo(cursor.keyword, name)?.values ?? []).map((value, i) => ({
    label: value,
    kind: 'value',
    span,
    text: value,
    rank: i,
  }));
}

const SWITCHES: ReadonlySet<string> = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);

/** Keys that take these values and no others. */
const CLOSED: ReadonlySet<string> = new Set(['type', 'sharing', 'required', 'readonly', 'readwrite']);

const VALUES: Readonly<Record<string, readonly string[]>> = {
  type: [...MOUNT_KEYS.keys()],
  sharing: ['shared', 'private', 'locked'],
  required: ['true', 'false'],
  readonly: ['true', 'false'],
  readwrite: ['true', 'false'],
  size: ['64m', '256m', '1g'],
  target: [
    '/root/.cache',
    '/root/.npm',
    '/root/.cache/pip',
    '/var/cache/apt',
    '/var/lib/apt',
    '/go/pkg/mod',
    '/root/.m2',
  ],
};

/** Inside `--mount=key=value,key=value`. */
function completeMount(document: DockerfileDocument, cursor: Cursor, start: number): Completion[] {
  const fields = cursor.word.slice(start).split(',');
  const field = fields.at(-1) ?? '';
  const equals = field.indexOf('=');
  if (equals === -1) {
    const span = spanOf(cursor.offset - field.length, cursor.offset);
    const type = fields.find((one) => one.startsWith('type='))?.slice('type='.length) ?? 'bind';
    const used = new Set(fields.slice(0, -1).map((one) => one.split('=')[0]));
    const keys = [...(MOUNT_KEYS.get(type) ?? [])].filter(([key]) => !used.has(key));
    const named = keys.map(
      ([key, documentation]): Completion => ({
        label: key,
        kind: 'property',
        documentation,
        span,
        // A switch is on when it stands alone; other spellings of a key come last.
        text: SWITCHES.has(key) ? key : `${key}=`,
        continues: !SWITCHES.has(key),
        rank: documentation.startsWith('Same as') ? 2 : 1,
      }),
    );
    const typeKey: Completion = {
      label: 'type',
      kind: 'property',
      documentation: 'Kind of the mount.',
      span,
      text: 'type=',
      continues: true,
    };
    return used.has('type') ? named : [typeKey, ...named];
  }
  const value = field.slice(equals + 1);
  const span = spanOf(cursor.offset - value.length, cursor.offset);
  const key = field.slice(0, equals);
  if (key === 'from') return stagesAbove(document, cursor, span);
  const isContext = !fields.some((one) => one.startsWith('from=') || /^type=(?:secret|ssh|tmpfs)/.test(one));
  if ((key === 'source' || key === 'src') && isContext && document.source.path !== undefined) {
    return completePaths(document.source, folderOf(document.source.path), value, span);
  }
  const commit = CLOSED.has(key) ? { commit: [','] } : {};
  return (VALUES[key] ?? []).map((text) => ({ label: text, kind: 'value', span, text, ...commit }));
}
