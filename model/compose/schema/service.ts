import { build, develop } from './build.ts';
import { deploy } from './deploy.ts';
import {
  bool,
  bytes,
  choice,
  command,
  dictionary,
  distinctStrings,
  duration,
  field,
  int,
  list,
  map,
  nothing,
  num,
  number,
  oneOf,
  pairs,
  scalar,
  string,
  stringOrList,
  strings,
  type Fields,
} from './schema.ts';
import { blockIo, devices, networks, ports, volumes } from './service-mounts.ts';
import { deviceRequests, extraHosts, fileReferences, HOOK, ulimits } from './shared.ts';

const value = choice(string, number, { kind: 'boolean' });

const DEPENDENCY: Fields = {
  condition: field(
    oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
    'What must be true of it: started, healthy, or ended without error.',
  ),
  restart: field(bool, 'Restart this service when Compose restarts the other.'),
  required: field({ kind: 'boolean' }, 'Fail without it. Default: `true`.'),
};

const HEALTHCHECK: Fields = {
  test: field(
    choice(string, list(string)),
    'The command: a line for the shell, `["CMD", …]`, `["CMD-SHELL", …]` or `["NONE"]`.',
  ),
  interval: field(duration, 'Time between two checks. Default: `30s`.'),
  timeout: field(duration, 'A check that takes longer has failed. Default: `30s`.'),
  retries: field(num, 'Failures in a row that make the container unhealthy. Default: `3`.'),
  start_period: field(duration, 'Time to start up: failed checks do not count in it.'),
  start_interval: field(duration, 'Time between two checks during the start period.'),
  disable: field(bool, 'Switch the image’s health check off.'),
};

const ENV_FILE: Fields = {
  path: field(string, 'The file.'),
  format: field(oneOf('raw', ''), '`raw`: take values as they are.'),
  required: field(bool, 'Fail when it is missing. Default: `true`.'),
};

const CREDENTIAL: Fields = {
  config: field(string, 'Config that holds it.'),
  file: field(string, 'File that holds it.'),
  registry: field(string, 'Windows registry value that holds it.'),
};

const PROCESS: Fields = {
  image: field(string, 'Image to start the container from; the name of the result when there is `build` too.'),
  build: field(build, 'How to build the image: a context, or a context with options.'),
  command: field(command, 'Command, in place of the image’s `CMD`.'),
  entrypoint: field(command, 'Entry point, in place of the image’s.'),
  environment: field(pairs, 'Environment variables.'),
  env_file: field(choice(string, list(choice(string, map(ENV_FILE, ['path'])))), 'Files with environment variables.'),
  working_dir: field(string, 'Working directory.'),
  user: field(string, 'User (and group) to run as.'),
  container_name: field(
    { kind: 'string', format: 'container-name' },
    'Name of the container. It makes more than one container impossible.',
  ),
  hostname: field(string, 'Host name in the container.'),
  domainname: field(string, 'Domain name in the container.'),
  tty: field(bool, 'Allocate a terminal.'),
  stdin_open: field(bool, 'Keep standard input open.'),
  init: field(bool, 'Run an init process that passes on signals and reaps processes.'),
  stop_signal: field(string, 'Signal that asks the container to stop. Default: `SIGTERM`.'),
  stop_grace_period: field(duration, 'Time to stop before it is killed. Default: `10s`.'),
  restart: field(string, 'When to restart: `no`, `always`, `on-failure[:n]`, `unless-stopped`.'),
  platform: field(string, 'Platform of the image, for example `linux/amd64`.'),
  pull_policy: field(
    { kind: 'string', format: 'pull-policy' },
    'When to pull: `always`, `never`, `missing`, `build`, `daily`, `weekly`, `every_<n>d`.',
  ),
  pull_refresh_after: field(string, 'Time after which the image is pulled again.'),
  profiles: field(strings, 'Start it only when one of these profiles is active.'),
  attach: field(bool, 'Show its output in `docker compose up`.'),
  labels: field(pairs, 'Labels of the container.'),
  label_file: field(stringOrList, 'Files with labels.'),
  annotations: field(pairs, 'Annotations of the container.'),
};

const RELATIONS: Fields = {
  depends_on: field(choice(strings, dictionary(map(DEPENDENCY, ['condition']))), 'Services to start before this one.'),
  extends: field(
    choice(
      string,
      map({ service: field(string, 'The service to extend.'), file: field(string, 'File that it is in.') }, [
        'service',
      ]),
    ),
    'Start from another service’s definition.',
  ),
  links: field(strings, 'Services to be reachable under other names.'),
  external_links: field(distinctStrings, 'Containers outside the project to be reachable.'),
  volumes_from: field(strings, 'Services (or `container:name`) whose volumes to mount.'),
  networks: field(networks, 'Networks to join. Default: the project’s `default` network.'),
  network_mode: field(string, '`host`, `none`, `bridge`, `service:<name>` or `container:<name>`.'),
  ports: field(ports, 'Ports to publish: `[[address:]port:]port[/protocol]`.'),
  expose: field(list(choice(string, number), 'taken once'), 'Ports for other services only.'),
  volumes: field(volumes, 'Mounts: `source:target[:options]`.'),
  tmpfs: field(stringOrList, 'Folders in memory.'),
  configs: field(fileReferences, 'Configs to mount, from the top-level `configs`.'),
  secrets: field(fileReferences, 'Secrets to mount, from the top-level `secrets`.'),
  models: field(
    choice(
      strings,
      dictionary(
        choice(
          nothing,
          map({
            endpoint_var: field(string, 'Variable that gets the URL.'),
            model_var: field(string, 'Variable that gets the name.'),
          }),
        ),
      ),
    ),
    'AI models to use, from the top-level `models`.',
  ),
  dns: field(stringOrList, 'Name servers.'),
  dns_opt: field(strings, 'Options of the resolver.'),
  dns_search: field(stringOrList, 'Search domains.'),
  extra_hosts: field(extraHosts, 'More host names: `name:address`, for example `host.docker.internal:host-gateway`.'),
  mac_address: field(string, 'MAC address.'),
  healthcheck: field(map(HEALTHCHECK), 'How to tell whether it is healthy.'),
  logging: field(
    map({
      driver: field(string, 'Logging driver.'),
      options: field(dictionary(choice(string, number, nothing)), 'Options of the driver.'),
    }),
    'Where its output goes.',
  ),
  deploy: field(deploy, 'Number, resources and placement of the containers.'),
  develop: field(develop, 'What happens when source files change.'),
  scale: field(int, 'Number of containers.'),
  post_start: field(list(map(HOOK, ['command'])), 'Commands to run after it has started.'),
  pre_stop: field(list(map(HOOK, ['command'])), 'Commands to run before it is stopped.'),
  provider: field(
    map(
      {
        type: field(string, 'The program that provides it.'),
        options: field(dictionary(choice(value, list(value))), 'Options of the provider.'),
      },
      ['type'],
    ),
    'A service that another program provides, not a container.',
  ),
};

const LIMITS: Fields = {
  cpus: field(num, 'CPUs, for example `0.5`.'),
  cpu_count: field(int, 'Number of CPUs (Windows).'),
  cpu_percent: field(int, 'Part of the CPUs (Windows).'),
  cpu_shares: field(int, 'Weight against other containers. Default: `1024`.'),
  cpu_quota: field(int, 'CFS quota, in microseconds.'),
  cpu_period: field(int, 'CFS period, in microseconds.'),
  cpu_rt_period: field(int, 'Real-time period, in microseconds.'),
  cpu_rt_runtime: field(int, 'Real-time runtime, in microseconds.'),
  cpuset: field(string, 'CPUs to run on, for example `0-3` or `0,1`.'),
  mem_limit: field(bytes, 'Memory limit, for example `512m`.'),
  mem_reservation: field(bytes, 'Memory that is kept for it.'),
  mem_swappiness: field(bytes, 'How eagerly memory is swapped: 0 to 100.'),
  memswap_limit: field(bytes, 'Memory and swap together; `-1` for no limit.'),
  oom_kill_disable: field(bool, 'Do not kill it when memory runs out.'),
  oom_score_adj: field(int, 'How likely it is killed when memory runs out: -1000 to 1000.'),
  pids_limit: field(int, 'Processes and threads; `-1` for no limit.'),
  shm_size: field(bytes, 'Size of `/dev/shm`.'),
  ulimits: field(ulimits, 'Resource limits.'),
  blkio_config: field(blockIo, 'Limits of block I/O.'),
  storage_opt: field(dictionary(scalar), 'Options of the storage driver, for example `size`.'),
  gpus: field(choice(oneOf('all'), deviceRequests(false)), 'GPUs: `all`, or which.'),
};

const ISOLATION: Fields = {
  cap_add: field(strings, 'Capabilities to add.'),
  cap_drop: field(strings, 'Capabilities to take away.'),
  privileged: field(bool, 'Run with all privileges.'),
  read_only: field(bool, 'Make the root file system read-only.'),
  security_opt: field(distinctStrings, 'Security options, for example `no-new-privileges:true`.'),
  group_add: field(list(choice(string, number), 'refused'), 'More groups.'),
  devices: field(devices, 'Devices: `host[:container[:rwm]]`.'),
  device_cgroup_rules: field(distinctStrings, 'Rules for devices of the cgroup.'),
  sysctls: field(pairs, 'Kernel parameters.'),
  cgroup: field(oneOf('host', 'private'), 'Cgroup namespace.'),
  cgroup_parent: field(string, 'Parent cgroup.'),
  ipc: field(string, 'IPC namespace: `shareable`, `host`, `service:<name>`.'),
  pid: field(choice(string, nothing), 'PID namespace: `host`, `service:<name>`.'),
  userns_mode: field(string, 'User namespace.'),
  uts: field(string, 'UTS namespace.'),
  isolation: field(string, 'Isolation technology (Windows).'),
  runtime: field(string, 'OCI runtime, for example `runc`.'),
  credential_spec: field(map(CREDENTIAL), 'Credential of a managed service account.'),
  use_api_socket: field({ kind: 'boolean' }, 'Give it the engine’s socket and credentials.'),
};

export const SERVICE: Fields = { ...PROCESS, ...RELATIONS, ...LIMITS, ...ISOLATION };
