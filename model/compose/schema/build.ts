import {
  bool,
  bytes,
  choice,
  dictionary,
  distinctStrings,
  field,
  list,
  map,
  nothing,
  pairs,
  scalar,
  string,
  stringOrList,
  strings,
  type Fields,
} from './schema.ts';
import { extraHosts, fileReferences, ulimits } from './shared.ts';

const BUILD: Fields = {
  context: field(string, 'Folder (or Git URL) that is sent to the builder.'),
  dockerfile: field(string, 'The Dockerfile, relative to the context. Default: `Dockerfile`.'),
  dockerfile_inline: field(string, 'The Dockerfile’s text, in place of a file.'),
  target: field(string, 'Stage to build.'),
  args: field(pairs, 'Values for the Dockerfile’s `ARG`s.'),
  additional_contexts: field(
    pairs,
    'Named contexts for `FROM` and `COPY --from`: folders, images (`docker-image://…`) or services (`service:…`).',
  ),
  ssh: field(
    choice(dictionary(scalar), list({ kind: 'string', format: 'ssh-key' }, 'refused')),
    'SSH agents and keys for `RUN --mount=type=ssh`.',
  ),
  secrets: field(fileReferences, 'Secrets for `RUN --mount=type=secret`, from the top-level `secrets`.'),
  labels: field(pairs, 'Labels of the image.'),
  tags: field(strings, 'More names for the image.'),
  platforms: field(strings, 'Platforms to build for.'),
  cache_from: field(strings, 'Where build caches are read from.'),
  cache_to: field(strings, 'Where the build cache is written to.'),
  no_cache: field(bool, 'Build without using caches.'),
  no_cache_filter: field(stringOrList, 'Stages to build without using caches.'),
  pull: field(bool, 'Pull base images even when they are at hand.'),
  network: field(string, 'Network of `RUN` commands: `host`, `none`, or a network’s name.'),
  extra_hosts: field(extraHosts, 'More host names for `RUN` commands.'),
  shm_size: field(bytes, 'Size of `/dev/shm` for `RUN` commands.'),
  ulimits: field(ulimits, 'Resource limits of `RUN` commands.'),
  privileged: field(bool, 'Build with all privileges.'),
  entitlements: field(strings, 'Privileges the build may use: `network.host`, `security.insecure`.'),
  isolation: field(string, 'Isolation technology of the build container (Windows).'),
  provenance: field(
    choice({ kind: 'boolean' }, string),
    'Add provenance to the image: `true`, or attributes such as `mode=max`.',
  ),
  sbom: field(choice({ kind: 'boolean' }, string), 'Add a list of the software in it (SBOM) to the image.'),
};

export const build = choice(string, map(BUILD));

const WATCH: Fields = {
  path: field(string, 'File or folder to watch.'),
  action: field(
    { kind: 'string', values: ['sync', 'rebuild', 'restart', 'sync+restart', 'sync+exec'] },
    'What to do when something changes: copy it into the container, rebuild, restart, or both.',
  ),
  target: field(string, 'Path in the container to copy to.'),
  ignore: field(choice(string, distinctStrings), 'Patterns of files not to watch.'),
  include: field(stringOrList, 'Patterns of files to watch; all others are ignored.'),
  initial_sync: field({ kind: 'boolean' }, 'Copy everything once at the start.'),
  exec: field(
    map(
      {
        command: field(choice(nothing, string, list(string)), 'Command to run in the container after copying.'),
        user: field(string, 'User that runs it.'),
        privileged: field(bool, 'Run it with all privileges.'),
        working_dir: field(string, 'Directory to run it in.'),
        environment: field(pairs, 'Environment variables for it.'),
      },
      ['command'],
    ),
    'Command to run in the container after copying, for `sync+exec`.',
  ),
};

export const develop = choice(
  nothing,
  map({ watch: field(list(map(WATCH, ['path', 'action'])), 'What `docker compose watch` does.') }),
);
