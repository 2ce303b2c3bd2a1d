/** How Docker's errors name a request: `Get "https://host/v2/"`. The secrets of a query are not said. */
export function requestName(method: string, url: URL): string {
  return `${method[0]}${method.slice(1).toLowerCase()} "${url.origin}${url.pathname}"`;
}
