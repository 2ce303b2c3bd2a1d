/** Every place in a service that names something defined elsewhere: a service, network, volume, secret, config or model. */
import { type ComposeNode, type Entry, entriesOf, itemsOf, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import type { Section } from './project.ts';
import { partSpan } from './scalars.ts';
import { readVolume } from './short-volume.ts';

export interface Reference {
  readonly section: Section;
  readonly name: string;
  /** The name only, without what stands around it. */
  readonly span: Span;
  /** The service that it stands in. */
  readonly service: string;
  readonly by:
    | 'depends_on'
    | 'links'
    | 'volumes_from'
    | 'extends'
    | 'namespace'
    | 'additional_contexts'
    | 'networks'
    | 'volumes'
    | 'secrets'
    | 'build secret'
    | 'configs'
    | 'models';
  /** `required: false`: it may be missing. */
  readonly optional: boolean;
}

type Found = Omit<Reference, 'service' | 'optional'> & { readonly optional?: boolean };

export function referencesIn(services: readonly Entry[]): Reference[] {
  return services.flatMap(({ key, value, merged }) => {
    if (merged || value.kind !== 'map') return [];
    return [...inService(value)].map((found) => ({ optional: false, ...found, service: key }));
  });
}

function* inService(service: ComposeNode): Generator<Found> {
  yield* dependencies(service);
  yield* nameList(service, 'networks', 'networks', 'networks');
  yield* nameList(service, 'models', 'models', 'models');
  yield* fileUses(valueAt(service, 'secrets'), 'secrets', 'secrets');
  yield* fileUses(valueAt(service, 'build', 'secrets'), 'secrets', 'build secret');
  yield* fileUses(valueAt(service, 'configs'), 'configs', 'configs');
  for (const volume of itemsOf(valueAt(service, 'volumes'))) {
    const { source } = readVolume(volume);
    if (source?.isName === true) yield { section: 'volumes', name: source.text, span: source.span, by: 'volumes' };
  }
  yield* prefixed(service);
}

function* dependencies(service: ComposeNode): Generator<Found> {
  for (const { key, keySpan, value } of entriesOf(valueAt(service, 'depends_on'))) {
    const required = valueAt(value, 'required');
    const optional = required?.kind === 'scalar' && required.value === false;
    yield { section: 'services', name: key, span: keySpan, by: 'depends_on', optional };
  }
  for (const item of itemsOf(valueAt(service, 'depends_on'))) yield* wholeScalar(item, 'services', 'depends_on');
  const extended = valueAt(service, 'extends');
  if (extended?.kind === 'scalar') yield* wholeScalar(extended, 'services', 'extends');
  else if (valueAt(extended, 'file') === undefined)
    yield* wholeScalar(valueAt(extended, 'service'), 'services', 'extends');
}

/** A list of names, or a mapping by name. */
function* nameList(service: ComposeNode, key: string, section: Section, by: Reference['by']): Generator<Found> {
  for (const item of itemsOf(valueAt(service, key))) yield* wholeScalar(item, section, by);
  for (const entry of entriesOf(valueAt(service, key))) {
    yield { section, name: entry.key, span: entry.keySpan, by };
  }
}

function* fileUses(list: ComposeNode | undefined, section: Section, by: Reference['by']): Generator<Found> {
  for (const item of itemsOf(list))
    yield* wholeScalar(item.kind === 'map' ? valueAt(item, 'source') : item, section, by);
}

function* wholeScalar(node: ComposeNode | undefined, section: Section, by: Reference['by']): Generator<Found> {
  if (node?.kind !== 'scalar' || node.value === null || node.text.includes('$')) return;
  yield { section, name: node.text, span: partSpan(node, 0, node.text.length), by };
}

/** `service:name`, `name:alias` and the like: the name is a part of the text. */
function* prefixed(service: ComposeNode): Generator<Found> {
  for (const key of ['network_mode', 'ipc', 'pid']) yield* behindPrefix(valueAt(service, key), 'namespace');
  for (const { value } of entriesOf(valueAt(service, 'build', 'additional_contexts'))) {
    yield* behindPrefix(value, 'additional_contexts');
  }
  for (const item of itemsOf(valueAt(service, 'build', 'additional_contexts'))) {
    yield* behindPrefix(item, 'additional_contexts');
  }
  for (const link of itemsOf(valueAt(service, 'links'))) yield* beforeColon(link, 'links');
  for (const from of itemsOf(valueAt(service, 'volumes_from'))) {
    if (from.kind === 'scalar' && !from.text.startsWith('container:')) yield* beforeColon(from, 'volumes_from');
  }
}

function* behindPrefix(node: ComposeNode | undefined, by: Reference['by']): Generator<Found> {
  if (node?.kind !== 'scalar') return;
  const match = /^(?:[^=]*=)?service:([^$]+)$/.exec(node.text);
  if (match?.[1] === undefined) return;
  const span = partSpan(node, node.text.length - match[1].length, node.text.length);
  yield { section: 'services', name: match[1], span, by };
}

function* beforeColon(node: ComposeNode, by: Reference['by']): Generator<Found> {
  if (node.kind !== 'scalar' || node.text.includes('$')) return;
  const name = node.text.split(':')[0] ?? '';
  yield { section: 'services', name, span: partSpan(node, 0, name.length), by };
}
