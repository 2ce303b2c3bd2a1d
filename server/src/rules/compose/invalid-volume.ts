import { type ComposeNode, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import { isAbsolute } from '../../paths.ts';
import { readVolume, type Volume } from '../../compose/short-volume.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

const OPTIONS: ReadonlySet<string> = new Set([
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
]);

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
  } else if (options !== undefined) {
    const unknown = options.text.split(',').find((option) => !OPTIONS.has(option));
    if (unknown !== undefined)
      yield { span: options.span, message: `invalid spec: ${text}: unknown option '${unknown}'` };
  }
}
