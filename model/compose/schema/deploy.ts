import { choice, duration, field, int, list, map, nothing, num, oneOf, pairs, string, type Fields } from './schema.ts';
import { deviceRequests } from './shared.ts';

const UPDATE: Fields = {
  parallelism: field(int, 'How many containers at a time; `0` means all.'),
  delay: field(duration, 'Time between two groups.'),
  failure_action: field(string, 'What to do on failure: `continue`, `rollback` or `pause`.'),
  monitor: field(duration, 'Time after each task to watch for failure.'),
  max_failure_ratio: field(num, 'Part of the tasks that may fail.'),
  order: field(oneOf('start-first', 'stop-first'), 'Start the new one first, or stop the old one first.'),
};

const GENERIC: Fields = {
  discrete_resource_spec: field(
    map({ kind: field(string, 'Kind of the resource.'), value: field(int, 'How many.') }),
    'A resource that is counted.',
  ),
};

const LIMITS: Fields = {
  cpus: field(num, 'CPUs, for example `"0.5"`.'),
  memory: field({ kind: 'string', format: 'bytes' }, 'Memory, for example `512M`.'),
  pids: field(int, 'Processes and threads.'),
};

const RESERVATIONS: Fields = {
  cpus: field(num, 'CPUs that must be free.'),
  memory: field({ kind: 'string', format: 'bytes' }, 'Memory that must be free.'),
  generic_resources: field(list(map(GENERIC)), 'Other resources that must be free.'),
  devices: field(deviceRequests(true), 'Devices that must be there, GPUs for example.'),
};

const DEPLOY: Fields = {
  mode: field(string, '`replicated` (default), `global`, `replicated-job` or `global-job`.'),
  replicas: field(int, 'Number of containers.'),
  endpoint_mode: field(string, 'How clients find the service: `vip` or `dnsrr`.'),
  labels: field(pairs, 'Labels of the service, not of its containers.'),
  resources: field(
    map({
      limits: field(map(LIMITS), 'What a container may use at most.'),
      reservations: field(map(RESERVATIONS), 'What must be free for a container.'),
    }),
    'Resources of the containers.',
  ),
  restart_policy: field(
    map({
      condition: field(string, 'When to restart: `none`, `on-failure` or `any`.'),
      delay: field(duration, 'Time before a restart.'),
      max_attempts: field(int, 'Give up after so many restarts.'),
      window: field(duration, 'Time after which a restart counts as successful.'),
    }),
    'When and how containers are restarted.',
  ),
  update_config: field(map(UPDATE), 'How an update goes.'),
  rollback_config: field(map(UPDATE), 'How a rollback goes.'),
  placement: field(
    map({
      constraints: field(list(string), 'Nodes that may run it, for example `node.role == worker`.'),
      preferences: field(list(map({ spread: field(string, 'Label to spread over.') })), 'How to spread over nodes.'),
      max_replicas_per_node: field(int, 'At most so many on one node.'),
    }),
    'On which nodes containers run.',
  ),
};

export const deploy = choice(nothing, map(DEPLOY));
