/** The shape of devcontainer.json: which properties there are and what they may hold. */
import type { Node } from 'jsonc-parser';

/** Reports what is wrong at a node. */
export type Report = (node: Node, message: string) => void;
export type Shape = (node: Node, name: string, report: Report) => void;

const NAMES: Readonly<Record<string, string>> = { object: 'an object', array: 'an array', null: 'null' };
const kindOf = (node: Node): string => NAMES[node.type] ?? `a ${node.type}`;

function simple(type: Node['type'], expected: string): Shape {
  return (node, name, report) => {
    if (node.type !== type) report(node, `${name} must be ${expected}, not ${kindOf(node)}`);
  };
}

const text = simple('string', 'a string');
const flag = simple('boolean', 'true or false');

function oneOf(...values: readonly string[]): Shape {
  return (node, name, report) => {
    const given: unknown = node.value;
    if (node.type === 'string' && typeof given === 'string' && values.includes(given)) return;
    report(node, `${name} must be one of ${values.map((value) => `"${value}"`).join(', ')}`);
  };
}

function listOf(item: Shape): Shape {
  return (node, name, report) => {
    if (node.type !== 'array') return report(node, `${name} must be an array, not ${kindOf(node)}`);
    for (const [i, child] of (node.children ?? []).entries()) item(child, `${name}[${i}]`, report);
  };
}

function mapOf(item: Shape): Shape {
  return (node, name, report) => {
    if (node.type !== 'object') return report(node, `${name} must be an object, not ${kindOf(node)}`);
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key !== undefined && value !== undefined) item(value, `${name}.${String(key.value)}`, report);
    }
  };
}

/** Takes the first shape whose JSON type fits; `expected` is said when none does. */
function either(expected: string, shapes: Readonly<Partial<Record<Node['type'], Shape>>>): Shape {
  return (node, name, report) => {
    const shape = shapes[node.type];
    if (shape === undefined) report(node, `${name} must be ${expected}, not ${kindOf(node)}`);
    else shape(node, name, report);
  };
}

/** An object of known properties; others are an error here, as they would be silently without effect. */
function record(properties: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (node, name, report) => {
    if (node.type !== 'object') return report(node, `${name} must be an object, not ${kindOf(node)}`);
    const seen = new Set<string>();
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key === undefined || value === undefined) continue;
      const own = String(key.value);
      seen.add(own);
      const shape = Object.hasOwn(properties, own) ? properties[own] : undefined;
      if (shape === undefined)
        report(key, `${name}.${own} is not known; known are ${Object.keys(properties).join(', ')}`);
      else shape(value, `${name}.${own}`, report);
    }
    for (const missing of required.filter((one) => !seen.has(one))) report(node, `${name} needs "${missing}"`);
  };
}

const anything: Shape = () => {};
const strings = listOf(text);
const textOrList = either('a string or an array of strings', { string: text, array: strings });
const command = either('a string, an array of strings or an object of them', {
  string: text,
  array: strings,
  object: mapOf(textOrList),
});

/** Of a Feature. */
const option = either('a string or true or false', { string: text, boolean: flag });
const amount: Shape = (node, name, report) => {
  const fits = node.type === 'string' && /^\d+(?:[tgmk]b)?$/.test(String(node.value));
  if (!fits) report(node, `${name} must be a number of bytes, or of kb, mb, gb or tb, for example "8gb"`);
};

const portNumber: Shape = (node, name, report) => {
  const value: unknown = node.value;
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535;
  if (!fits) report(node, `${name} must be a port number from 0 to 65535`);
};
const hostAndPort: Shape = (node, name, report) => {
  const fits = /^([a-zA-Z0-9._-]+:)?\d{1,5}$/.test(String(node.value));
  if (!fits) report(node, `${name} must be a port number or "host:port"`);
};
const forwardedPort = either('a port number or "host:port"', { number: portNumber, string: hostAndPort });
const appPort = either('a port number or "host:container"', { number: portNumber, string: text });

const mount = either('a string or an object', {
  string: (node, name, report) => {
    if (!/(^|,)(target|dst|destination)=/.test(String(node.value))) report(node, `${name} needs target=PATH`);
  },
  object: record(
    { type: oneOf('bind', 'volume', 'tmpfs'), source: text, target: text, readonly: flag, external: flag },
    ['type', 'target'],
  ),
});

const portAttributes = record({
  label: text,
  protocol: oneOf('http', 'https'),
  onAutoForward: oneOf('notify', 'openBrowser', 'openBrowserOnce', 'openPreview', 'silent', 'ignore'),
  requireLocalPort: flag,
  elevateIfNeeded: flag,
});

export const PROPERTIES: Readonly<Record<string, Shape>> = {
  $schema: text,
  name: text,
  image: text,
  build: record(
    { dockerfile: text, context: text, args: mapOf(text), target: text, cacheFrom: textOrList, options: strings },
    ['dockerfile'],
  ),
  dockerFile: text,
  context: text,
  dockerComposeFile: textOrList,
  service: text,
  runServices: strings,
  features: mapOf(
    either('an object of options, a version or true', { string: text, boolean: flag, object: mapOf(option) }),
  ),
  overrideFeatureInstallOrder: strings,
  secrets: mapOf(record({ description: text, documentationUrl: text })),
  workspaceFolder: text,
  workspaceMount: text,
  forwardPorts: listOf(forwardedPort),
  portsAttributes: mapOf(portAttributes),
  otherPortsAttributes: portAttributes,
  appPort: either('a port or an array of ports', { number: portNumber, string: text, array: listOf(appPort) }),
  containerEnv: mapOf(text),
  remoteEnv: mapOf(either('a string or null', { string: text, null: anything })),
  containerUser: text,
  remoteUser: text,
  updateRemoteUserUID: flag,
  userEnvProbe: oneOf('none', 'loginShell', 'loginInteractiveShell', 'interactiveShell'),
  mounts: listOf(mount),
  runArgs: strings,
  init: flag,
  privileged: flag,
  capAdd: strings,
  securityOpt: strings,
  overrideCommand: flag,
  shutdownAction: oneOf('none', 'stopContainer', 'stopCompose'),
  initializeCommand: command,
  onCreateCommand: command,
  updateContentCommand: command,
  postCreateCommand: command,
  postStartCommand: command,
  postAttachCommand: command,
  waitFor: oneOf(
    'initializeCommand',
    'onCreateCommand',
    'updateContentCommand',
    'postCreateCommand',
    'postStartCommand',
  ),
  hostRequirements: record({
    cpus: simple('number', 'a number'),
    memory: amount,
    storage: amount,
    gpu: either('true, false, "optional" or an object', {
      boolean: flag,
      string: oneOf('optional'),
      object: record({ cores: simple('number', 'a number'), memory: amount }),
    }),
  }),
  customizations: mapOf(anything),
};
