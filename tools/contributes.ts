/** What package.json contributes besides commands: views, what they say while they are empty, and settings. */
import { PRESETS } from '../server/src/rules/presets.ts';

const CONTAINER = 'slipway';

export const VIEW_CONTAINERS = {
  activitybar: [{ id: CONTAINER, title: 'Slipway', icon: 'media/slipway.svg' }],
};

export const VIEWS = {
  [CONTAINER]: [
    { id: 'slipway.hosts', name: 'Hosts', icon: 'media/slipway.svg', initialSize: 1 },
    { id: 'slipway.containers', name: 'Containers', icon: 'media/slipway.svg', initialSize: 3 },
    { id: 'slipway.images', name: 'Images', icon: 'media/slipway.svg', initialSize: 3 },
    { id: 'slipway.volumes', name: 'Volumes', icon: 'media/slipway.svg', visibility: 'collapsed' },
    { id: 'slipway.networks', name: 'Networks', icon: 'media/slipway.svg', visibility: 'collapsed' },
    {
      id: 'slipway.files',
      name: 'Files',
      icon: 'media/slipway.svg',
      visibility: 'collapsed',
      when: 'slipway.connected',
    },
  ],
};

const THIS_MACHINE = `command:slipway.connectHost?${encodeURIComponent(JSON.stringify(['local']))}`;

/** Until the extension is there; VS Code has words for developers only. */
const STARTING = { when: '!slipway.state', contents: 'Starting…' };

/** What a view of a connected host's things says as long as it has nothing to show. */
function emptyUnlessConnected(view: string, things: string): readonly object[] {
  const when = (state: string): string => `slipway.state == ${state}`;
  return [
    { view, ...STARTING },
    { view, when: when('none'), contents: `Connect to a host to see its ${things}.` },
    { view, when: when('connecting'), contents: 'Connecting…' },
    { view, when: when('lost'), contents: 'The connection to the host was lost. Slipway is trying to get it back.' },
    { view, when: when('unread'), contents: `The ${things} of the host could not be read.` },
  ];
}

export const VIEWS_WELCOME = [
  { view: 'slipway.hosts', ...STARTING },
  {
    view: 'slipway.hosts',
    when: 'slipway.state',
    contents:
      'Run containers on this machine or on any Linux machine that you reach over SSH. No Docker is needed there.\n[Add Host…](command:slipway.addHost)',
  },
  ...emptyUnlessConnected('slipway.containers', 'containers'),
  {
    view: 'slipway.containers',
    when: 'slipway.state == none',
    contents: `[Use This Machine](${THIS_MACHINE})\n[Add SSH Host…](command:slipway.addSshHost)\nNew here? [Get started](command:slipway.getStarted).`,
  },
  {
    view: 'slipway.containers',
    when: 'slipway.state == lost',
    contents:
      'Containers there are not touched by it.\n[Reconnect Now](command:slipway.reconnect)\n[Show Log](command:slipway.showLog)',
  },
  {
    view: 'slipway.containers',
    when: 'slipway.state == unread',
    contents: '[Try Again](command:slipway.refresh)\n[Show Log](command:slipway.showLog)',
  },
  {
    view: 'slipway.containers',
    when: 'slipway.state == connected && workspaceFolderCount > 0',
    contents:
      'There is no container yet. A dev container holds this folder, its tools and an editor.\n[Open Dev Container](command:slipway.openDevContainer)\nOr [run an image](command:slipway.runImage). Or open a Compose file and click “Start all services” above them.',
  },
  {
    view: 'slipway.containers',
    when: 'slipway.state == connected && workspaceFolderCount == 0',
    contents:
      'There is no container yet. Open a folder to give it a dev container, or run an image.\n[Open Folder…](command:vscode.openFolder)\n[Run an Image…](command:slipway.runImage)',
  },
  ...emptyUnlessConnected('slipway.images', 'images'),
  {
    view: 'slipway.images',
    when: 'slipway.state == connected',
    contents: 'There is no image yet.\n[Pull an Image…](command:slipway.pullImage)',
  },
  ...emptyUnlessConnected('slipway.volumes', 'volumes'),
  {
    view: 'slipway.volumes',
    when: 'slipway.state == connected',
    contents: 'There is no volume yet.\n[Create a Volume…](command:slipway.createVolume)',
  },
  ...emptyUnlessConnected('slipway.networks', 'networks'),
  {
    view: 'slipway.files',
    contents:
      'Look at the files of a running container, change them, bring them here.\n[Browse Files…](command:slipway.browseFiles)',
  },
];

interface WalkthroughStep {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly completionEvents: readonly string[];
}

const STEPS: readonly WalkthroughStep[] = [
  {
    id: 'host',
    title: 'Connect to a host',
    description: `Containers run on this machine or on one that you reach over SSH.\n[Use This Machine](${THIS_MACHINE})\n[Add SSH Host…](command:slipway.addSshHost)`,
    completionEvents: ['onContext:slipway.connected && slipway.walkthroughOpened'],
  },
  {
    id: 'edit',
    title: 'Edit Dockerfiles and Compose files',
    description:
      'Mistakes are underlined while you type, with a fix for most.\n[Show Problems](command:workbench.actions.view.problems)',
    completionEvents: ['onCommand:workbench.actions.view.problems'],
  },
  {
    id: 'dev-container',
    title: 'Open the dev container of your folder',
    description:
      'Its image, its tools and an editor in it, on the host of your choice.\n[Open Dev Container](command:slipway.openDevContainer)',
    completionEvents: ['onCommand:slipway.openDevContainer'],
  },
  {
    id: 'reload',
    title: 'Save, and see it run',
    description:
      'A saved file is in the container at once, and the app starts again.\n[Show Sync Log](command:slipway.showSyncLog)',
    completionEvents: ['onCommand:slipway.showSyncLog'],
  },
  {
    id: 'debug',
    title: 'Debug what runs',
    description:
      'Attach to any running Node.js container, nothing prepared.\n[Attach Debugger](command:slipway.attachDebugger)',
    completionEvents: ['onCommand:slipway.attachDebugger'],
  },
  {
    id: 'terminal',
    title: 'Use docker as you know it',
    description: 'Terminals talk to the same host.\n[Open Terminal](command:slipway.openTerminal)',
    completionEvents: ['onCommand:slipway.openTerminal'],
  },
];

export const WALKTHROUGHS = [
  {
    id: 'start',
    title: 'Get Started with Slipway',
    description: 'From an empty machine to a breakpoint in a container.',
    steps: STEPS.map((step) => ({ ...step, media: { markdown: `media/walkthrough/${step.id}.md` } })),
  },
];

/** VS Code's own language for such files: it knows their comments. */
export const LANGUAGES = [
  {
    id: 'ignore',
    extensions: ['.dockerignore', '.containerignore'],
    filenames: ['.dockerignore', '.containerignore'],
  },
];

const SEVERITIES = ['error', 'warning', 'information', 'hint', 'off'];

export const SETTINGS = {
  'slipway.local.socket': {
    type: 'string',
    default: '/run/slipway/slipway.sock',
    scope: 'machine',
    markdownDescription: 'Unix socket of the engine on this machine. It is started there when none answers.',
  },
  'slipway.engine.socket': {
    type: 'string',
    default: '/run/slipway/slipway.sock',
    scope: 'machine',
    markdownDescription: 'Unix socket of the engines that Slipway starts on SSH hosts.',
  },
  'slipway.engine.dataRoot': {
    type: 'string',
    default: '',
    scope: 'machine',
    markdownDescription:
      'Folder on the host where engines started by Slipway keep images, containers and volumes; `/var/lib/slipway` when empty.',
  },
  'slipway.engine.registryMirrors': {
    type: 'array',
    items: { type: 'string' },
    default: [],
    scope: 'machine',
    markdownDescription:
      'Mirrors that engines started by Slipway ask before the default registry, such as `https://mirror.example.com`.',
  },
  'slipway.engine.insecureRegistries': {
    type: 'array',
    items: { type: 'string' },
    default: [],
    scope: 'machine',
    markdownDescription:
      'Registries (`host:port`) that engines started by Slipway reach over plain HTTP or with an unknown certificate.',
  },
  'slipway.containers.showUsage': {
    type: 'boolean',
    default: true,
    markdownDescription: 'Show the CPU and memory that running containers use, while the *Containers* view is open.',
  },
  'slipway.terminal.setDockerHost': {
    type: 'boolean',
    default: true,
    markdownDescription:
      'Set `DOCKER_HOST` in new terminals, so that `docker` and other clients use the active Slipway host.',
  },
  'slipway.devContainer.serverPath': {
    type: 'string',
    default: '',
    scope: 'machine',
    markdownDescription:
      'Folder of a VS Code Server for Linux (with `out/server-main.js` in it) to run inside dev containers; the server of this window when empty.',
  },
  'slipway.codeLens.enabled': {
    type: 'boolean',
    default: true,
    scope: 'resource',
    markdownDescription:
      'Show *Build image* and *Build this stage* in Dockerfiles, *Start* in Compose files, above what they are about.',
  },
  'slipway.diagnostics.workspace': {
    type: 'boolean',
    default: false,
    markdownDescription:
      'Show problems of all Dockerfiles, Compose files, `.dockerignore` and `devcontainer.json` of the open folders, not of open ones only. `node_modules` and the like are left out.',
  },
  'slipway.lint.preset': {
    type: 'string',
    enum: PRESETS,
    enumDescriptions: [
      'BuildKit’s checks, hadolint’s rules and Slipway’s own, each as its tool has it by default.',
      'Every rule there is.',
      'BuildKit’s checks only.',
      'hadolint’s rules only, with hadolint’s severities.',
    ],
    default: 'recommended',
    scope: 'resource',
    markdownDescription: 'Which rules for Dockerfiles are on before `#slipway.lint.rules#`.',
  },
  'slipway.lint.rules': {
    type: 'object',
    additionalProperties: { type: 'string', enum: SEVERITIES },
    default: {},
    scope: 'resource',
    markdownDescription: 'Severity of each rule for Dockerfiles and Compose files, such as `{ "DL3008": "off" }`.',
  },
};
