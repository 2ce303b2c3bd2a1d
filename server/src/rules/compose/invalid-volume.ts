import { type ComposeNode, entriesOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import { suggest } from '#model/text/suggest.ts';
import { isAbsolute } from '../../paths.ts';
import { readVolume, type Volume } from '../../compose/short-volume.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

const OPTIONS: readonly string[] = [
  'ro',
  'rw',
  'z',
  'Z',
  'U',
  'nocopy',
  'copy',
  'cached',
  'delegated',
  'consistent',
  'private',
  'rprivate',
  'shared',
  'rshared',
  'slave',
  'rslave',
];

export const invalidVolume: ComposeRule = {
  id: 'invalid-volume',
  severity: 'error',
  title: 'A mount is [source:]target[:options] with an absolute target',
  *check({ services }) {
    for (const { key, value, merged } of services) {
      for (const node of merged ? [] : itemsOf(valueAt(value, 'volumes'))) {
        if (node.kind === 'map') yield* longProblems(key, node);
        else if (node.kind === 'scalar') yield* shortProblems(node.span, node.text, readVolume(node));
      }
    }
  },
};

function* longProblems(service: string, node: ComposeNode): Generator<Problem> {
  const type = valueAt(node, 'type');
  const needsSource = textAt(type) === 'bind' && valueAt(node, 'source') === undefined;
  if (type !== undefined && needsSource) {
    yield { span: type.span, message: `services.${service}.volumes: a bind mount needs a source` };
  }
}

function* shortProblems(whole: Problem['span'], text: string, volume: Volume): Generator<Problem> {
  if (text.trim() === '') {
    yield { span: whole, message: 'invalid empty volume spec' };
    return;
  }
  const { source, target, options, parts } = volume;
  if (text.includes('$')) return;
  if (source?.text === '' || target?.text === '' || options?.text === '') {
    yield { span: whole, message: `invalid spec: ${text}: empty section between colons` };
  } else if (parts > 3) yield { span: whole, message: `invalid spec: ${text}: too many colons` };
  else if (target !== undefined && !isAbsolute(target.text)) {
    yield { span: target.span, message: `invalid mount path: '${target.text}' mount path must be absolute` };
  }
}

/** Volumes in the short form, where they stand. */
function* shortVolumes({ services }: ComposeDocument) {
  for (const { value, merged } of services) {
    for (const node of merged ? [] : itemsOf(valueAt(value, 'volumes'))) {
      if (node.kind === 'scalar' && !node.text.includes('$')) yield { text: node.text, volume: readVolume(node) };
    }
  }
}

export const unknownVolumeOption: ComposeRule = {
  id: 'unknown-volume-option',
  severity: 'warning',
  title: 'Options of a mount are those that Compose knows: it leaves out others without a word',
  *check(document) {
    for (const { volume } of shortVolumes(document)) {
      const { text = '', span } = volume.options ?? {};
      const unknown = text.split(',').find((option) => !OPTIONS.includes(option));
      if (span === undefined || unknown === undefined || unknown === '') continue;
      const near = suggest(unknown, OPTIONS);
      const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
      const fixed = text.split(',').map((option) => (option === unknown ? near : option));
      const fixes =
        near === undefined ? [] : [{ title: `Change to '${near}'`, edits: [{ span, text: fixed.join(',') }] }];
      yield { span, message: `Compose does not know the option '${unknown}'${hint}`, fixes };
    }
  },
};

/** `d:/data`: Compose's reading of a single letter and a colon, whatever volumes there are. */
export const driveLetter: ComposeRule = {
  id: 'drive-letter-volume',
  severity: 'warning',
  title: 'A volume whose name is a single letter is mounted by the long form',
  *check(document) {
    const names = new Set(entriesOf(valueAt(document.root, 'volumes')).map(({ key }) => key));
    for (const { volume } of shortVolumes(document)) {
      const place = volume.source ?? volume.target;
      const [, name = '', path = ''] = /^(\p{L}):(.*)$/u.exec(place?.text ?? '') ?? [];
      if (place === undefined || !names.has(name)) continue;
      const message = `'${place.text}' is a path on the drive '${name}' to Compose, not the volume '${name}' at '${path}'`;
      yield { span: place.span, message };
    }
  },
};
