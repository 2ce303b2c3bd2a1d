/** Quick fixes of Compose rules that need nothing of the rule but the place. */
import { entriesOf, entryOf, valueAt } from '#model/compose/tree.ts';
import { suggest } from '#model/text/suggest.ts';
import { textOf } from '#model/text/span.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import type { Repair } from '../repaired.ts';
import type { Fix } from '#model/rules/rule.ts';
import { removed } from './removed.ts';

type ComposeRepair = Repair<ComposeDocument>;

const remove: ComposeRepair = (document, { span }) => removed(document, span);

/** Not what the image is made of: without it there is none. */
const removeFile: ComposeRepair = (document, { span }) =>
  removed(document, span).filter(({ title }) => !/'(?:build|context|dockerfile)'/.test(title));

/** Another text in the same place; the same one is no fix. */
function replaceBy(next: (text: string) => string | undefined): ComposeRepair {
  return ({ text }, { span }) => {
    const old = textOf(text, span);
    const replacement = next(old);
    if (replacement === undefined || replacement === old) return [];
    return [{ title: `Change to ${replacement}`, edits: [{ span, text: replacement }] }];
  };
}

const withUnit = replaceBy((text) => (/^(["']?)\d+\1$/.test(text) ? `${text.replaceAll(/["']/g, '')}s` : undefined));
const withoutMinus = replaceBy(() => '1');
const lowercase = replaceBy((text) => (/^[\w./:@-]+$/.test(text) ? text.toLowerCase() : undefined));

const BOOLEANS: Readonly<Record<string, string>> = {
  yes: 'true',
  on: 'true',
  1: 'true',
  no: 'false',
  off: 'false',
  0: 'false',
};
const boolean = replaceBy((text) => BOOLEANS[text.replaceAll(/["']/g, '').toLowerCase()]);

const PULL_POLICIES = ['always', 'never', 'missing', 'build', 'daily', 'weekly', 'if_not_present', 'refresh'];
const pullPolicy = replaceBy((text) => suggest(text, PULL_POLICIES));

const containerName = replaceBy((text) => {
  const clean = text.replaceAll(/[^\w.-]+/g, '-').replace(/^[^a-z0-9]+/i, '');
  return clean.length < 2 ? `${clean}-1` : clean;
});
const name = replaceBy((text) => text.replaceAll(/["']/g, '').replaceAll(/[^\w.-]+/g, '-') || undefined);

const quote: ComposeRepair = ({ text }, { span, message }) => {
  const old = textOf(text, span);
  if (!message.includes('string') || !/^(?:[-+]?\d[\w.:-]*|true|false|yes|no|on|off|null)$/i.test(old)) return [];
  return [{ title: 'Put it in quotes', edits: [{ span, text: `"${old}"` }] }];
};

/** Over an environment variable of the same name. */
const fromEnvironment: ComposeRepair = ({ text }, { span, message }) => {
  const variable = /\$\{(\w+)\}/.exec(message)?.[1];
  if (variable === undefined || textOf(text, span).includes('\n')) return [];
  return [{ title: `Take it from \${${variable}}`, edits: [{ span, text: `\${${variable}}` }] }];
};

const projectName: ComposeRepair = ({ source, root }) => {
  const folder = source.path?.split(/[\\/]/).at(-2) ?? '';
  const clean = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '')
    .replace(/^[_-]+/, '');
  const [first] = entriesOf(root);
  if (first === undefined || source.lines.positionAt(first.keySpan.start).character > 0) return [];
  const at = { start: first.keySpan.start, end: first.keySpan.start };
  return [{ title: 'Name the project', edits: [{ span: at, text: `name: ${clean === '' ? 'project' : clean}\n` }] }];
};

const build: ComposeRepair = ({ root, text, source: { lines } }, { span }) => {
  const service = entriesOf(valueAt(root, 'services')).find(({ keySpan }) => keySpan.start === span.start);
  const value = service?.value;
  const title = 'Build it from this folder';
  if (value?.kind !== 'map') return [];
  const [first] = value.entries;
  if (first === undefined) return [{ title, edits: [{ span: value.span, text: '{build: .}' }] }];
  const indent = text.slice(lines.startOf(lines.lineAt(first.keySpan.start)), first.keySpan.start);
  if (first.merged || indent.trim() !== '') return [];
  const at = { start: first.keySpan.start, end: first.keySpan.start };
  return [{ title, edits: [{ span: at, text: `build: .\n${indent}` }] }];
};

const replicasOnly: ComposeRepair = (document, { span }): Fix[] => {
  const service = document.services.find(
    (one) => one.value.span.start <= span.start && one.value.span.end >= span.start,
  );
  const container = entryOf(service?.value, 'container_name');
  return container === undefined ? [] : removed(document, container.keySpan);
};

export const COMPOSE_REPAIRS: Readonly<Record<string, ComposeRepair>> = {
  'config-source': remove,
  'conflicting-limits': remove,
  'container-name-with-scale': replicasOnly,
  'count-and-device-ids': remove,
  'dependency-cycle': remove,
  'dockerfile-and-inline': remove,
  'duplicate-item': remove,
  'duplicate-key': remove,
  'duplicate-mount-target': remove,
  'external-volume': remove,
  'invalid-boolean': boolean,
  'invalid-container-name': containerName,
  'invalid-duration': withUnit,
  'invalid-extra-host': remove,
  'invalid-host-ip': remove,
  'invalid-image': lowercase,
  'invalid-name': name,
  'invalid-port': remove,
  'invalid-pull-policy': pullPolicy,
  'invalid-volume': remove,
  'missing-file': removeFile,
  'negative-count': withoutMinus,
  'network-mode-and-networks': remove,
  'no-duplicate-container-names': remove,
  'no-duplicate-exported-ports': remove,
  'no-image-or-build': build,
  'plain-secret': fromEnvironment,
  'platform-not-built': remove,
  'profile-dependency': remove,
  'repeated-item': remove,
  'require-project-name-field': projectName,
  'secret-source': remove,
  'undefined-config': remove,
  'undefined-model': remove,
  'undefined-network': remove,
  'undefined-secret': remove,
  'undefined-service': remove,
  'undefined-volume': remove,
  'unknown-property': remove,
  'unused-definition': remove,
  'watch-target': remove,
  'wrong-type': quote,
};
