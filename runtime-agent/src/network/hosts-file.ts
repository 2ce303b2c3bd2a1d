/** /etc/hosts of a container, as Docker writes it (hosts(5)). */

export interface HostsFileInput {
  readonly hostname: string;
  readonly domainname: string;
  /** `name:address`; several names may share one address. `host-gateway` stands for `gateways`. */
  readonly extraHosts: readonly string[];
  /** The host's addresses on the container's networks, for `host-gateway`. */
  readonly gateways: readonly string[];
  /** The container's own addresses. */
  readonly addresses: readonly string[];
  /** Legacy links: address and names. */
  readonly links: readonly { readonly address: string; readonly names: readonly string[] }[];
}

const IPV4_LINES = ['127.0.0.1\tlocalhost'];
const IPV6_LINES = [
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

export function renderHosts(input: HostsFileInput): string {
  const { hostname, domainname } = input;
  const whole = domainname === '' ? hostname : `${hostname}.${domainname}`;
  const short = whole.split('.', 1)[0] ?? '';
  const own = short === whole ? whole : `${whole} ${short}`;
  const lines = [
    ...IPV4_LINES,
    ...IPV6_LINES,
    ...renderExtraHosts(input.extraHosts, input.gateways),
    ...input.links.map(({ address, names }) => `${address}\t${[...new Set(names)].join(' ')}`),
    ...(hostname === '' ? [] : input.addresses.map((address) => `${address}\t${own}`)),
  ];
  return `${lines.join('\n')}\n`;
}

/** With the host's network: the host's own file and the extra hosts. */
export function appendHosts(hostFile: string, extraHosts: readonly string[], gateways: readonly string[]): string {
  const extra = renderExtraHosts(extraHosts, gateways);
  if (extra.length === 0) return hostFile;
  const joint = hostFile === '' || hostFile.endsWith('\n') ? '' : '\n';
  return `${hostFile}${joint}${extra.join('\n')}\n`;
}

function renderExtraHosts(extraHosts: readonly string[], gateways: readonly string[]): string[] {
  return extraHosts.flatMap((entry) => {
    const parsed = parseExtraHost(entry);
    if (parsed === undefined) return [];
    const addresses = parsed.address === 'host-gateway' ? gateways : [parsed.address];
    return addresses.map((address) => `${address}\t${parsed.name}`);
  });
}

/** `name:address` or `name=address`; an IPv6 address may stand in brackets, and a name may have spaces: then it is several. */
export function parseExtraHost(entry: string): { readonly name: string; readonly address: string } | undefined {
  const match = /^([^:=\r\n]+)[:=](\S+)$/.exec(entry);
  if (match === null) return undefined;
  const [, name = '', address = ''] = match;
  return { name, address: address.replace(/^\[(.*)\]$/, '$1') };
}
