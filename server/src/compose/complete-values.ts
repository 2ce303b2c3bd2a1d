import { allowedValues } from '#model/compose/validate.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { stagesOf } from '#model/dockerfile/syntax/stages.ts';
import { spanOf } from '#model/text/span.ts';
import { entriesOf, textAt, valueAt } from '#model/compose/tree.ts';
import { completePaths } from '../dockerfile/complete-paths.ts';
import { SIGNALS } from '../dockerfile/signals.ts';
import type { Completion, CompletionKind } from '../language.ts';
import { folderOf, resolvePath } from '../paths.ts';
import type { Caret } from './caret.ts';
import type { ComposeDocument } from './document.ts';
import { readBeside } from './extended.ts';
import { namesIn, type Section } from './project.ts';
import { schemasAt } from './schema-path.ts';

/** Values of the key, or items of the list, that the caret is at. */
export function completeValues(document: ComposeDocument, caret: Caret): Completion[] {
  const shape = shapeOf(caret.path);
  const parts = PARTS.find((one) => one.shape === shape && one.behind.test(caret.prefix));
  if (parts !== undefined) return parts.texts.map((text, i) => item(lastPart(caret), text, 'value', i));
  const schemas = schemasAt(caret.path);
  const allowed = schemas.flatMap(allowedValues);
  const booleans = schemas.some(({ kind }) => kind === 'boolean') && caret.at === 'value' ? ['true', 'false'] : [];
  const fixed = [...allowed, ...booleans, ...(FIXED[shape] ?? [])];
  return [
    ...fixed.map((text, i) => item(caret, text, 'value', i)),
    ...references(document, caret, shape),
    ...paths(document, caret, shape),
    ...(shape === 'services.*.build.target' ? stages(document, caret) : []),
  ];
}

function item({ span }: Caret, text: string, kind: CompletionKind, rank = 0): Completion {
  return { label: text, kind, span, text, rank };
}

interface Parts {
  readonly shape: string;
  readonly behind: RegExp;
  readonly texts: readonly string[];
}

/** What stands last in short forms. */
const PARTS: readonly Parts[] = [
  {
    shape: 'services.*.volumes.[]',
    behind: /^[^:]+:[^:]+:[\w,]*$/,
    texts: ['ro', 'rw', 'z', 'Z', 'nocopy', 'rshared', 'rslave', 'rprivate'],
  },
  { shape: 'services.*.ports.[]', behind: /^[\w.:[\]-]+\/\w*$/, texts: ['tcp', 'udp'] },
  { shape: 'services.*.expose.[]', behind: /^[\d-]+\/\w*$/, texts: ['tcp', 'udp'] },
];

function lastPart(caret: Caret): Caret {
  const word = /\w*$/.exec(caret.prefix)?.[0].length ?? 0;
  return { ...caret, span: spanOf(caret.span.start + caret.prefix.length - word, caret.span.end) };
}

/** `services.web.ports.[]` -> `services.*.ports.[]`: names of the author become stars. */
function shapeOf(path: readonly string[]): string {
  return path.map((step, i) => (i === 1 && path[0] !== 'include' && step !== '[]' ? '*' : step)).join('.');
}

/** Where the specification allows any text, but only some texts mean something. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  'services.*.restart': ['no', 'always', 'on-failure', 'unless-stopped'].map((text) => (text === 'no' ? '"no"' : text)),
  'services.*.pull_policy': ['always', 'never', 'missing', 'build', 'daily', 'weekly'],
  'services.*.network_mode': ['host', 'none', 'bridge'],
  'services.*.pid': ['host'],
  'services.*.ipc': ['shareable', 'host', 'private'],
  'services.*.platform': ['linux/amd64', 'linux/arm64'],
  'services.*.build.platforms.[]': ['linux/amd64', 'linux/arm64'],
  'services.*.env_file.[].format': ['raw'],
  'services.*.provider.type': ['model'],
  'services.*.stop_signal': SIGNALS,
  'services.*.logging.driver': ['json-file', 'local', 'journald', 'syslog', 'fluentd', 'gelf', 'none'],
  'services.*.deploy.mode': ['replicated', 'global'],
  'services.*.deploy.endpoint_mode': ['vip', 'dnsrr'],
  'services.*.deploy.update_config.failure_action': ['continue', 'pause', 'rollback'],
  'services.*.deploy.rollback_config.failure_action': ['continue', 'pause'],
  'services.*.isolation': ['default', 'process', 'hyperv'],
  'services.*.userns_mode': ['host'],
  'services.*.uts': ['host'],
  'services.*.deploy.restart_policy.condition': ['none', 'on-failure', 'any'],
  'services.*.healthcheck.test.[]': ['"CMD"', '"CMD-SHELL"', '"NONE"'],
  'services.*.cap_drop.[]': ['ALL', 'NET_RAW'],
  'services.*.cap_add.[]': ['NET_ADMIN', 'NET_BIND_SERVICE', 'SYS_ADMIN', 'SYS_PTRACE'],
  'services.*.security_opt.[]': ['no-new-privileges:true'],
  'services.*.extra_hosts.[]': ['"host.docker.internal:host-gateway"'],
  'networks.*.driver': ['bridge', 'overlay', 'macvlan', 'ipvlan', 'host', 'none'],
  'volumes.*.driver': ['local'],
};

interface Naming {
  readonly section: Section;
  readonly prefix?: string;
  readonly suffix?: string;
}

const NAMES: Readonly<Record<string, Naming>> = {
  'services.*.depends_on': { section: 'services' },
  'services.*.depends_on.[]': { section: 'services' },
  'services.*.links.[]': { section: 'services' },
  'services.*.volumes_from.[]': { section: 'services' },
  'services.*.extends': { section: 'services' },
  'services.*.extends.service': { section: 'services' },
  'services.*.network_mode': { section: 'services', prefix: 'service:' },
  'services.*.pid': { section: 'services', prefix: 'service:' },
  'services.*.ipc': { section: 'services', prefix: 'service:' },
  'services.*.networks': { section: 'networks' },
  'services.*.networks.[]': { section: 'networks' },
  'services.*.volumes.[]': { section: 'volumes', suffix: ':' },
  'services.*.volumes.[].source': { section: 'volumes' },
  'services.*.secrets.[]': { section: 'secrets' },
  'services.*.secrets.[].source': { section: 'secrets' },
  'services.*.build.secrets.[]': { section: 'secrets' },
  'services.*.configs.[]': { section: 'configs' },
  'services.*.configs.[].source': { section: 'configs' },
  'services.*.models.[]': { section: 'models' },
};

/** Mappings by name want a colon behind it, and are keys, not values. */
const BY_NAME: ReadonlySet<string> = new Set(['services.*.depends_on', 'services.*.networks']);

function references(document: ComposeDocument, caret: Caret, shape: string): Completion[] {
  const { root, project, source } = document;
  const file = textAt(valueAt(root, 'services', caret.path[1] ?? '', 'extends', 'file'));
  if (shape === 'services.*.extends.service' && file !== undefined) {
    const services = entriesOf(valueAt(readBeside(source, file)?.root, 'services'));
    return services.map(({ key }) => item(caret, key, 'reference'));
  }
  const naming = NAMES[shape];
  if (naming === undefined || (BY_NAME.has(shape) && caret.at === 'value')) return [];
  if (shape === 'services.*.volumes.[].source' && caret.siblings.get('type') === 'bind') return [];
  const { section, prefix = '', suffix = BY_NAME.has(shape) ? ':' : '' } = naming;
  const own = section === 'services' ? caret.path[1] : undefined;
  const names = [...namesIn(root, project, section)].filter((name) => name !== own && !caret.siblings.has(name));
  return names.map((name) => ({ ...item(caret, prefix + name + suffix, 'reference'), label: prefix + name }));
}

const FILES =
  /^(?:services\.\*\.(?:env_file(?:\.\[\])?(?:\.path)?|label_file(?:\.\[\])?|credential_spec\.file|extends\.file|volumes\.\[\](?:\.source)?|develop\.watch\.\[\]\.path)|(?:secrets|configs)\.\*\.file|include\.\[\](?:\.(?:path|env_file)(?:\.\[\])?)?)$/;
const FOLDERS =
  /^(?:services\.\*\.build(?:\.context|\.additional_contexts\.[^.[]+)?|include\.\[\]\.project_directory)$/;
/** Files whose names often begin with a dot. */
const HIDDEN = /\.(?:env_file|label_file)\b|^(?:secrets|configs)\./;

function paths(document: ComposeDocument, caret: Caret, shape: string): Completion[] {
  const { source, root } = document;
  if (source.path === undefined || caret.prefix.includes(':')) return [];
  const folder = folderOf(source.path);
  if (shape === 'services.*.build.dockerfile') {
    const context = textAt(valueAt(root, 'services', caret.path[1] ?? '', 'build', 'context')) ?? '.';
    return completePaths(source, resolvePath(folder, context), caret.prefix, caret.span);
  }
  if (FOLDERS.test(shape)) {
    return completePaths(source, folder, caret.prefix, caret.span).filter(({ kind }) => kind === 'folder');
  }
  if (!FILES.test(shape)) return [];
  const isVolume = shape.includes('volumes');
  if (isVolume && !['bind', undefined].includes(caret.siblings.get('type'))) return [];
  if (isVolume && !/^[./~]/.test(caret.prefix)) {
    // Without the dot it would be the name of a volume.
    const entries = caret.prefix === '' ? completePaths(source, folder, '', caret.span) : [];
    const below = entries.map((one) => ({ ...one, label: `./${one.label}`, text: `./${one.text}` }));
    return [item(caret, './', 'folder', 1), ...below];
  }
  return completePaths(source, folder, caret.prefix, caret.span, HIDDEN.test(shape));
}

/** Stages of the Dockerfile that the service is built from. */
function stages({ source, root }: ComposeDocument, caret: Caret): Completion[] {
  const build = valueAt(root, 'services', caret.path[1] ?? '', 'build');
  const inline = textAt(valueAt(build, 'dockerfile_inline'));
  const context = resolvePath(folderOf(source.path ?? ''), textAt(valueAt(build, 'context')) ?? '.');
  const text = inline ?? source.files.read(resolvePath(context, textAt(valueAt(build, 'dockerfile')) ?? 'Dockerfile'));
  if (text === undefined) return [];
  return stagesOf(parseDockerfile(text)).stages.flatMap(({ name, image }) =>
    name === undefined ? [] : [{ ...item(caret, name.text, 'stage'), detail: `FROM ${image?.text ?? ''}` }],
  );
}
