/** Arguments that exist without an ARG (Dockerfile reference, "Predefined ARGs" and "Automatic platform ARGs"). */

/** What each says, for hover and completion. */
export const PLATFORM_ARGS: ReadonlyMap<string, string> = new Map([
  ['TARGETPLATFORM', 'Platform of the build result, for example `linux/amd64`.'],
  ['TARGETOS', 'Operating system of the build result.'],
  ['TARGETARCH', 'Architecture of the build result, for example `arm64`.'],
  ['TARGETVARIANT', 'Variant of the build result’s architecture, for example `v7`.'],
  ['TARGETSTAGE', 'Name of the stage that is built.'],
  ['BUILDPLATFORM', 'Platform of the machine that builds.'],
  ['BUILDOS', 'Operating system of the machine that builds.'],
  ['BUILDARCH', 'Architecture of the machine that builds.'],
  ['BUILDVARIANT', 'Variant of the architecture of the machine that builds.'],
]);

/** Proxy settings reach RUN without a declaration, in both spellings. */
export const PREDEFINED_ARGS: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
);
