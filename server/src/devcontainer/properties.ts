/** The properties of devcontainer.json with what each means (containers.dev, "Dev Container metadata reference"). */

export interface PropertyInfo {
  readonly documentation: string;
  /** What is inserted behind the colon, in snippet syntax. */
  readonly value: string;
  /** Values to offer, as JSON. */
  readonly values?: readonly string[];
  /** Of the objects that it holds. */
  readonly properties?: Properties;
  /** Any name may stand in it, with values of this shape. */
  readonly entries?: PropertyInfo;
}

export type Properties = Readonly<Record<string, PropertyInfo>>;

const text = (documentation: string, ...values: readonly string[]): PropertyInfo => ({
  documentation,
  value: '"$0"',
  values: values.map((value) => JSON.stringify(value)),
});
const flag = (documentation: string): PropertyInfo => ({
  documentation,
  value: '${1|true,false|}',
  values: ['true', 'false'],
});
const list = (documentation: string): PropertyInfo => ({ documentation, value: '["$0"]' });
const map = (documentation: string, entries: PropertyInfo = text('')): PropertyInfo => ({
  documentation,
  value: '{\n  $0\n}',
  entries,
});
const record = (documentation: string, properties: Properties): PropertyInfo => ({
  documentation,
  value: '{\n  $0\n}',
  properties,
});
const command = (documentation: string): PropertyInfo =>
  text(`${documentation} A string runs in a shell, an array without one, the entries of an object at the same time.`);

const PORT: Properties = {
  label: text('Name of the port in the list of ports.'),
  protocol: text('How the port is spoken to.', 'http', 'https'),
  onAutoForward: text(
    'What happens when the port is forwarded by itself.',
    'notify',
    'openBrowser',
    'openBrowserOnce',
    'openPreview',
    'silent',
    'ignore',
  ),
  requireLocalPort: flag('Must it be the same port here?'),
  elevateIfNeeded: flag('Ask for rights to use a port below 1024.'),
};

export const PROPERTY_INFO: Properties = {
  $schema: text('Address of the JSON schema of this file.'),
  name: text('Name of the dev container, for people.'),
  image: text('Image of the container. Excludes `build` and `dockerComposeFile`.'),
  build: record('How the image is built. Excludes `image` and `dockerComposeFile`.', {
    dockerfile: text('Path of the Dockerfile, from this file on.'),
    context: text('Path of the build context, from this file on. Default: `.`.', '.', '..'),
    args: map('Build arguments.'),
    target: text('The stage that is built. Default: the last one.'),
    cacheFrom: text('Images whose layers are used as cache: a string or an array.'),
    options: list('More options of `docker build`.'),
  }),
  dockerFile: text('Old form of `build.dockerfile`.'),
  context: text('Old form of `build.context`.'),
  dockerComposeFile: text('The Compose file, or an array of them in their order. Excludes `image` and `build`.'),
  service: text('The service of the Compose file that is worked in.'),
  runServices: list('Services that are started too. Default: all.'),
  features: map('Features to install: reference -> options.', {
    documentation: 'Options of the Feature.',
    value: '{}',
  }),
  overrideFeatureInstallOrder: list('Features in the order in which they are installed.'),
  secrets: map(
    'Secrets that are asked for when the container is made.',
    record('', {
      description: text('What the secret is for.'),
      documentationUrl: text('Where to find out about it.'),
    }),
  ),
  workspaceFolder: text('The folder in the container that is opened.'),
  workspaceMount: text('Mount of the sources in place of the usual one, as for `docker run --mount`.'),
  forwardPorts: {
    documentation: 'Ports of the container that are always forwarded: a number, or `"host:port"`.',
    value: '[$0]',
  },
  portsAttributes: map('What holds for single ports.', record('', PORT)),
  otherPortsAttributes: record('What holds for ports that are not named.', PORT),
  appPort: { documentation: 'Ports that the engine publishes. `forwardPorts` is mostly better.', value: '[$0]' },
  containerEnv: map('Environment of the whole container.'),
  remoteEnv: map('Environment of the editor’s processes; `null` takes a variable away.'),
  containerUser: text('User that the container runs as.'),
  remoteUser: text('User that the editor and its terminals run as. Default: `containerUser`.'),
  updateRemoteUserUID: flag('Give the user the id of yours, on Linux. Default: `true`.'),
  userEnvProbe: text(
    'The kind of shell that the environment is taken from.',
    'none',
    'loginShell',
    'loginInteractiveShell',
    'interactiveShell',
  ),
  mounts: list('More mounts, as for `docker run --mount`: a string or an object.'),
  runArgs: list('More options of `docker run`.'),
  init: flag('Run a small init process first, which reaps zombies.'),
  privileged: flag('All rights on the host.'),
  capAdd: list('Capabilities to add, for example `SYS_PTRACE`.'),
  securityOpt: list('Security options, for example `seccomp=unconfined`.'),
  overrideCommand: flag('Run something that never ends in place of the image’s command.'),
  shutdownAction: text('What happens when the window is closed.', 'none', 'stopContainer', 'stopCompose'),
  initializeCommand: command('Runs **on the host**, each time before the container is made or started.'),
  onCreateCommand: command('Runs in the container once, when it was made.'),
  updateContentCommand: command('Runs in the container when it was made or its sources changed.'),
  postCreateCommand: command('Runs in the container once, after `updateContentCommand`.'),
  postStartCommand: command('Runs in the container each time it was started.'),
  postAttachCommand: command('Runs in the container each time an editor attached.'),
  waitFor: text(
    'The command that must have ended before the editor attaches. Default: `updateContentCommand`.',
    'initializeCommand',
    'onCreateCommand',
    'updateContentCommand',
    'postCreateCommand',
    'postStartCommand',
  ),
  hostRequirements: record('What the host must have.', {
    cpus: { documentation: 'Processors.', value: '${1:4}' },
    memory: text('Memory, for example `8gb`.'),
    storage: text('Disk, for example `32gb`.'),
    gpu: {
      documentation: 'A GPU: `true`, `false`, `"optional"`, or an object with `cores` and `memory`.',
      value: '${1|true,false,"optional"|}',
      values: ['true', 'false', '"optional"'],
    },
  }),
  customizations: map(
    'Settings of tools, each under its name.',
    record('Settings of the tool.', {
      extensions: list('Extensions of VS Code to install in the container.'),
      settings: map('Settings of VS Code in the container.'),
    }),
  ),
};

/** Variables that may stand in values: the form, and what it means. */
export const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['localEnv:', 'Variable of the environment here.'],
  ['containerEnv:', 'Variable of the container; in `remoteEnv` only.'],
  ['localWorkspaceFolder', 'Path of the opened folder here.'],
  ['containerWorkspaceFolder', 'Path of the opened folder in the container.'],
  ['localWorkspaceFolderBasename', 'Name of the opened folder here.'],
  ['containerWorkspaceFolderBasename', 'Name of the opened folder in the container.'],
  ['devcontainerId', 'Id of the dev container: the same for each rebuild.'],
]);

/** What the path of property names leads to. */
export function infoAt(path: readonly (string | number)[]): PropertyInfo | undefined {
  let info: PropertyInfo = { documentation: '', value: '', properties: PROPERTY_INFO };
  for (const step of path) {
    if (typeof step === 'number') continue;
    const next =
      info.properties !== undefined && Object.hasOwn(info.properties, step) ? info.properties[step] : info.entries;
    if (next === undefined) return undefined;
    info = next;
  }
  return info;
}
