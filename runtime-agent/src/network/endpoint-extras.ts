/** What an endpoint may have besides its addresses: sysctls of its interface and link-local addresses. Pure. */
import { isIP, isIPv4 } from 'node:net';
import type { EndpointSettings } from '#model/engine-api/types.ts';

const SYSCTLS = 'com.docker.network.endpoint.sysctls';

const sysctlsOf = ({ DriverOpts: options }: EndpointSettings): readonly string[] =>
  options?.[SYSCTLS]?.split(',') ?? [];

const linkLocalOf = ({ IPAMConfig: ipam }: EndpointSettings): readonly string[] => ipam?.LinkLocalIPs ?? [];

/** In Docker's words. */
export function extrasProblems(wishes: EndpointSettings): string[] {
  const addresses = linkLocalOf(wishes)
    .filter((text) => isIP(text) === 0 || /^[0.:]+$/.test(text))
    .map((text) => `invalid link-local IP address: ${text}`);
  const sysctls = sysctlsOf(wishes)
    .filter((text) => !/^[^.]*\.(ipv4|ipv6|mpls)\.[^.]*\.(IFNAME|ifname)\../s.test(text))
    .map(
      (text) =>
        `unrecognised network interface sysctl '${text}'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'`,
    );
  return [...addresses, ...sysctls];
}

/** Whether the interface is another than most are. */
export const hasExtras = (wishes: EndpointSettings): boolean =>
  sysctlsOf(wishes).length > 0 || linkLocalOf(wishes).length > 0;

/** As ip(8) adds them. */
export function linkLocalAddresses(wishes: EndpointSettings): string[] {
  return linkLocalOf(wishes).map((text) => (isIPv4(text) ? `${text}/16 broadcast +` : `${text}/64`));
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const failing = (message: string): string[] => [`{ echo ${quoted(message)} >&2; exit 1; }`];

/** Lines for a shell in the container's network namespace that set the sysctls, or end it with what is wrong. */
export function sysctlScript(ifname: string, wishes: EndpointSettings): string[] {
  return sysctlsOf(wishes).flatMap((text) => {
    const at = text.indexOf('=');
    if (at < 0) return failing(`expected sysctl '${text}' to have format name=value`);
    const [first = '', family = '', group = '', , ...rest] = text.slice(0, at).split('.');
    const [name = ''] = rest;
    const isPath = rest.length === 1 && [first, family, group, name].every((part) => /^[\w-]+$/.test(part));
    if (!isPath) return failing(`expected sysctl '${text}' to have format net.X.Y.IFNAME.Z`);
    const file = `/proc/sys/${first}/${family}/${group}/${ifname}/${name}`;
    const value = quoted(text.slice(at + 1));
    return [
      `[ -f ${file} ] || ${failing(`${file} is not a sysctl file`).join('')}`,
      // What is so already need not be written, nor be writable.
      `[ "$(cat ${file})" = ${value} ] || printf %s ${value} 2>/dev/null >${file} || ${failing(`unable to write to '${file}'`).join('')}`,
    ];
  });
}
