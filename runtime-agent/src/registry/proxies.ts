/** Which proxy a request goes through: dockerd's rules, which are those of Go's `golang.org/x/net/http/httpproxy`. */
import { BlockList, isIP } from 'node:net';

export interface ProxySettings {
  /** URL of the proxy for http; '' for none. */
  readonly http: string;
  /** URL of the proxy for https; '' for none. */
  readonly https: string;
  /** Comma-separated hosts, domains, addresses and CIDRs that are reached without one. */
  readonly none: string;
}

/** undefined: none is to be used. Throws TypeError when the proxy's address is no URL. */
export function proxyOf(url: URL, settings: ProxySettings): URL | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === '' || !goesThrough(url, settings.none)) return undefined;
  return proxyUrl(proxy);
}

/** `host:port` without a scheme is http. Throws TypeError when it is no URL, or of a scheme that is not spoken. */
export function proxyUrl(text: string): URL {
  const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new TypeError(`a proxy of ${url.protocol}// is not supported, only http:// and https://`);
}

/** The proxy without its password, as dockerd shows it. */
export function shownProxy(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^@/]*@/i, '$1xxxxx:xxxxx@');
}

function goesThrough(url: URL, none: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || isLoopback(host)) return false;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const entries = none.split(',').map((entry) => entry.trim().toLowerCase());
  return !entries.some((entry) => excludes(entry, host, port));
}

function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(host, entry);
  const { name, onlyPort } = splitPort(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  const domain = name.replace(/^\*(?=\.)/, '');
  // `.example.com` is what is below it, `example.com` is itself besides.
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function splitPort(entry: string): { name: string; onlyPort?: string } {
  const [, bracketed, plain, onlyPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? entry; // an IPv6 address without brackets has no port
  return onlyPort === undefined ? { name } : { name, onlyPort };
}

function inNetwork(host: string, cidr: string): boolean {
  const [address = '', bits = ''] = cidr.split('/');
  const family = isIP(address);
  const prefix = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || prefix > (family === 4 ? 32 : 128)) return false;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const network = new BlockList();
  network.addSubnet(address, prefix, kind);
  return network.check(host, kind);
}
