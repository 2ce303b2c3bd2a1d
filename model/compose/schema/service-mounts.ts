/** Ports, volumes, networks and devices of a service. */
import {
  bool,
  bytes,
  choice,
  dictionary,
  field,
  int,
  integer,
  list,
  map,
  nothing,
  number,
  oneOf,
  pairs,
  string,
  strings,
  type Fields,
} from './schema.ts';
import { propagation } from './shared.ts';

const PORT: Fields = {
  target: field(int, 'Port in the container.'),
  published: field(choice(string, integer), 'Port on the host; a range as `"8000-8010"`.'),
  host_ip: field(string, 'Address of the host to listen on.'),
  protocol: field(string, '`tcp` (default) or `udp`.'),
  app_protocol: field(string, 'What is spoken on the port, for example `http`.'),
  mode: field(string, '`host`, or `ingress` for load balancing.'),
  name: field(string, 'Name of the port, for people.'),
};

export const ports = list(choice(number, { kind: 'string', format: 'port' }, map(PORT, ['target'])), 'taken once');

const BIND: Fields = {
  propagation: field(propagation, 'Propagation of mounts below it.'),
  create_host_path: field(bool, 'Make the folder on the host when it is missing.'),
  recursive: field(oneOf('enabled', 'disabled', 'writable', 'readonly'), 'Mounts below it too, and how.'),
  selinux: field(oneOf('z', 'Z'), 'SELinux label: shared (`z`) or private (`Z`).'),
};

const VOLUME: Fields = {
  type: field(oneOf('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'), 'What is mounted.'),
  source: field(string, 'Path on the host, or name of the volume or image.'),
  target: field(string, 'Path in the container.'),
  read_only: field(bool, 'Allow no writes.'),
  consistency: field(string, 'Consistency that the platform should give.'),
  bind: field(map(BIND), 'Options of a bind mount.'),
  volume: field(
    map({
      labels: field(pairs, 'Labels of the volume.'),
      nocopy: field(bool, 'Do not copy what the image has at the target.'),
      subpath: field(string, 'Mount this path of the volume only.'),
    }),
    'Options of a volume.',
  ),
  tmpfs: field(map({ size: field(bytes, 'Size.'), mode: field(number, 'Permissions.') }), 'Options of a tmpfs.'),
  image: field(map({ subpath: field(string, 'Mount this path of the image only.') }), 'Options of an image mount.'),
};

export const volumes = list(choice(string, map(VOLUME, ['type', 'target'])), 'taken once');

const NETWORK: Fields = {
  aliases: field(strings, 'More names of the service on this network.'),
  ipv4_address: field(string, 'Fixed IPv4 address.'),
  ipv6_address: field(string, 'Fixed IPv6 address.'),
  link_local_ips: field(strings, 'Link-local addresses.'),
  mac_address: field(string, 'MAC address on this network.'),
  interface_name: field(string, 'Name of the network interface in the container.'),
  driver_opts: field(dictionary(choice(string, number)), 'Options of the driver.'),
  gw_priority: field(number, 'The network with the highest number is the way out.'),
  priority: field(number, 'The order in which networks are connected: highest first.'),
};

export const networks = choice(strings, dictionary(choice(nothing, map(NETWORK))));

const DEVICE: Fields = {
  source: field(string, 'Device on the host, or CDI name.'),
  target: field(string, 'Device in the container.'),
  permissions: field(string, '`r`, `w` and `m` (make nodes).'),
};

export const devices = list(choice(string, map(DEVICE, ['source', 'target'])));

const rate = list(map({ path: field(string, 'Device.'), rate: field(bytes, 'Bytes or operations per second.') }));

const BLOCK_IO: Fields = {
  weight: field(integer, 'Share of block I/O: 10 to 1000.'),
  weight_device: field(
    list(map({ path: field(string, 'Device.'), weight: field(integer, 'Share: 10 to 1000.') })),
    'Shares by device.',
  ),
  device_read_bps: field(rate, 'Limits for reading, in bytes.'),
  device_read_iops: field(rate, 'Limits for reading, in operations.'),
  device_write_bps: field(rate, 'Limits for writing, in bytes.'),
  device_write_iops: field(rate, 'Limits for writing, in operations.'),
};

export const blockIo = map(BLOCK_IO);
