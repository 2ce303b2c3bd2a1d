/** The flags of instructions, with what each means (Dockerfile reference). For checks, completion and hover alike. */

export interface FlagInfo {
  /** `boolean` flags may stand without a value; `list` flags may stand more than once. */
  readonly type: 'string' | 'boolean' | 'list';
  readonly documentation: string;
  /** Values to offer. */
  readonly values?: readonly string[];
}

const OWNER: FlagInfo = {
  type: 'string',
  documentation: 'User and group that own the files: `user`, `user:group`, by name or number. Default: `0:0`.',
};
const MODE: FlagInfo = {
  type: 'string',
  documentation: 'Permissions of the files: octal (`755`) or symbolic (`u=rwX,go=rX`).',
};
const LINK: FlagInfo = {
  type: 'boolean',
  documentation: 'Put the files into a layer of their own, which stays valid when earlier layers change.',
  values: ['true', 'false'],
};
const EXCLUDE: FlagInfo = { type: 'list', documentation: 'Leave out files that match the pattern. May be repeated.' };
const PARENTS: FlagInfo = {
  type: 'boolean',
  documentation: 'Keep the parent folders of the sources. A `/./` in a source says where the kept part starts.',
  values: ['true', 'false'],
};

const COPY: Readonly<Record<string, FlagInfo>> = {
  from: {
    type: 'string',
    documentation: 'Copy from a build stage, an image or a named context, not from the build context.',
  },
  chown: OWNER,
  chmod: MODE,
  link: LINK,
  parents: PARENTS,
  exclude: EXCLUDE,
};
const ADD: Readonly<Record<string, FlagInfo>> = {
  chown: OWNER,
  chmod: MODE,
  link: LINK,
  exclude: EXCLUDE,
  checksum: {
    type: 'string',
    documentation: 'Digest that the download must have: `sha256:…`; a commit for Git sources.',
  },
  'keep-git-dir': {
    type: 'boolean',
    documentation: 'Keep the `.git` folder of a Git source.',
    values: ['true', 'false'],
  },
  unpack: {
    type: 'boolean',
    documentation: 'Unpack archives, downloaded ones too (`true`), or add them as they are (`false`).',
    values: ['true', 'false'],
  },
};
const DURATIONS = ['10s', '30s', '1m'];

const FLAGS: Readonly<Record<string, Readonly<Record<string, FlagInfo>>>> = {
  FROM: {
    platform: {
      type: 'string',
      documentation: 'Platform of the base image, for example `linux/arm64`. Default: the platform that is built for.',
      values: ['$BUILDPLATFORM', '$TARGETPLATFORM', 'linux/amd64', 'linux/arm64'],
    },
  },
  RUN: {
    mount: {
      type: 'list',
      documentation:
        'Mount something for this command only: a cache, files of the context or a stage, a secret, an SSH agent, a tmpfs.',
      values: ['type=bind', 'type=cache', 'type=secret', 'type=ssh', 'type=tmpfs'],
    },
    network: {
      type: 'string',
      documentation: 'Network of this command: `default`, `none`, or `host` (needs an entitlement).',
      values: ['default', 'none', 'host'],
    },
    security: {
      type: 'string',
      documentation:
        'Security mode of this command: `sandbox`, or `insecure` for all privileges (needs an entitlement).',
      values: ['sandbox', 'insecure'],
    },
    device: {
      type: 'list',
      documentation: 'CDI device that this command may use: `vendor/class=name`, `,required` when it must be there.',
      values: ['nvidia.com/gpu=all', 'nvidia.com/gpu=0'],
    },
  },
  COPY,
  ADD,
  HEALTHCHECK: {
    interval: { type: 'string', documentation: 'Time between two checks. Default: `30s`.', values: DURATIONS },
    timeout: {
      type: 'string',
      documentation: 'A check that takes longer has failed. Default: `30s`.',
      values: DURATIONS,
    },
    'start-period': {
      type: 'string',
      documentation: 'Time to start up: failed checks do not count in it. Default: `0s`.',
      values: DURATIONS,
    },
    'start-interval': {
      type: 'string',
      documentation: 'Time between two checks during the start period. Default: `5s`.',
      values: DURATIONS,
    },
    retries: {
      type: 'string',
      documentation: 'Failures in a row that make the container unhealthy. Default: `3`.',
      values: ['3'],
    },
  },
};

const NONE: Readonly<Record<string, FlagInfo>> = {};

export function flagsOf(keyword: string): Readonly<Record<string, FlagInfo>> {
  return FLAGS[keyword] ?? NONE;
}

export function flagInfo(keyword: string, name: string): FlagInfo | undefined {
  const flags = flagsOf(keyword);
  return Object.hasOwn(flags, name) ? flags[name] : undefined;
}
