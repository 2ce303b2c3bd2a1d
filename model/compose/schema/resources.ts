/** The top-level sections beside services. */
import {
  bool,
  choice,
  dictionary,
  field,
  integer,
  list,
  map,
  nothing,
  options,
  pairs,
  string,
  type Fields,
} from './schema.ts';

const external = field(
  choice(bool, map({ name: field(string, 'Its name.', 'Use `name` beside `external: true`.') })),
  'It exists already: Compose neither makes nor removes it.',
);
const labels = field(pairs, 'Labels.');

const IPAM: Fields = {
  driver: field(string, 'Driver that assigns addresses.'),
  config: field(
    list(
      map({
        subnet: field(string, 'Subnet in CIDR form, for example `172.28.0.0/16`.'),
        ip_range: field(string, 'Part of the subnet that containers get addresses from.'),
        gateway: field(string, 'Address of the gateway.'),
        aux_addresses: field(dictionary(string), 'Addresses that are taken: host name and address.'),
      }),
    ),
    'Subnets.',
  ),
  options: field(dictionary(string), 'Options of the driver.'),
};

const NETWORK: Fields = {
  name: field(string, 'Name of the network, instead of `<project>_<key>`.'),
  driver: field(string, 'Driver: `bridge` (default), `overlay`, `macvlan`, `ipvlan`, `host`, `none`.'),
  driver_opts: field(options, 'Options of the driver.'),
  ipam: field(map(IPAM), 'How addresses are assigned.'),
  external,
  internal: field(bool, 'No way out of this network.'),
  enable_ipv4: field(bool, 'Assign IPv4 addresses. Default: `true`.'),
  enable_ipv6: field(bool, 'Assign IPv6 addresses too.'),
  attachable: field(bool, 'Containers that are no services may join.'),
  labels,
};

const VOLUME: Fields = {
  name: field(string, 'Name of the volume, instead of `<project>_<key>`.'),
  driver: field(string, 'Driver. Default: `local`.'),
  driver_opts: field(options, 'Options of the driver.'),
  external,
  labels,
};

const SECRET: Fields = {
  name: field(string, 'Name of the secret on the platform.'),
  file: field(string, 'File that holds it.'),
  environment: field(string, 'Environment variable (of the machine that runs Compose) that holds it.'),
  external,
  labels,
  driver: field(string, 'Driver that stores it.'),
  driver_opts: field(options, 'Options of the driver.'),
  template_driver: field(string, 'Driver that fills in templates.'),
};

const CONFIG: Fields = {
  name: field(string, 'Name of the config on the platform.'),
  file: field(string, 'File that holds it.'),
  environment: field(string, 'Environment variable (of the machine that runs Compose) that holds it.'),
  content: field(string, 'Its text.'),
  external,
  labels,
  template_driver: field(string, 'Driver that fills in templates.'),
};

const MODEL: Fields = {
  name: field(string, 'Name of the model.'),
  model: field(string, 'OCI reference of the model.'),
  context_size: field(integer, 'Size of the context, in tokens.'),
  runtime_flags: field(list(string), 'Flags for the program that runs the model.'),
};

export const networks = dictionary(choice(nothing, map(NETWORK)));
export const volumes = dictionary(choice(nothing, map(VOLUME)));
export const secrets = dictionary(map(SECRET));
export const configs = dictionary(map(CONFIG));
export const models = dictionary(map(MODEL, ['model']));

const INCLUDE: Fields = {
  path: field(choice(string, list(string)), 'Compose files to include; several are merged.'),
  env_file: field(choice(string, list(string)), 'Files with values for the variables in them.'),
  project_directory: field(string, 'Folder that relative paths in them start from.'),
};

export const include = list(choice(string, map(INCLUDE)));
