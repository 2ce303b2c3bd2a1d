/** The options of RUN --mount, one by one: what each type takes, and what the mounts are like inside. */
import type { BuildCase, ContextEntry } from '../build-case.ts';

const FILES: Readonly<Record<string, ContextEntry>> = { f: 'f\n', 'd/a': 'a' };
const one = (name: string, ...lines: string[]): BuildCase => ({
  name: `mounts: ${name}`,
  dockerfile: ['FROM conformance-busybox', ...lines, ''].join('\n'),
  files: FILES,
});
/** Options that make the build fail, or not: the command leaves nothing. */
const options = (name: string, mount: string): BuildCase => one(name, `RUN --mount=${mount} true`);

const MADE = 'RUN mkdir -p /q/w && echo 1 >/q/w/e && chown -R 5:6 /q && chmod 750 /q';
const SEEN = 'find /c -exec stat -c "%n %u:%g %a" {} + >/seen';
const filled = (name: string, mount: string): BuildCase => ({
  ...one(name),
  dockerfile: `FROM conformance-busybox AS made
${MADE}
FROM conformance-busybox
RUN --mount=type=cache,target=/c,from=made,${mount} ${SEEN}
`,
});

export const MOUNT_CASES: readonly BuildCase[] = [
  options('required of another type', 'target=/x,required'),
  options('size before the type', 'size=1m,type=tmpfs,target=/x'),
  options('mode of a bind', 'target=/x,mode=0700'),
  options('owner of a tmpfs', 'type=tmpfs,target=/x,uid=5'),
  options('id of a tmpfs', 'type=tmpfs,target=/x,id=5'),
  options('env of a bind', 'target=/x,env=A'),
  options('sharing of a secret', 'type=secret,id=a,sharing=shared'),
  options('source and id of a secret', 'type=secret,id=a,source=b'),
  options('source of an agent', 'type=ssh,source=b'),
  options('type in capitals', 'type=CACHE,target=/x,id=conformance-capitals,sharing=LOCKED'),
  options('type misspelt', 'type=sceret,id=a'),
  options('owner above 32 bits', 'type=cache,target=/x,uid=4294967296'),
  options('size that is none', 'type=tmpfs,target=/x,size=8x'),
  options('an empty field', 'type=bind,,target=/x'),
  options('a key that is not there', 'type=cache,target=/x,shraing=shared'),
  one('a tmpfs that cannot be written to', 'RUN --mount=type=tmpfs,target=/x,ro touch /x/y'),
  one('what a tmpfs is', "RUN --mount=type=tmpfs,target=/t,size=8m mount | grep ' /t ' | sed s/,inode64// >/seen"),
  one('a size of 0', "RUN --mount=type=tmpfs,target=/t,size=0 mount | grep ' /t ' | sed s/,inode64// >/seen"),
  one('bits of a mode', 'RUN --mount=type=cache,target=/c,id=conformance-bits2,mode=7755 stat -c %a /c >/seen'),
  filled('a cache filled from a folder', 'source=/q,id=conformance-filled'),
  filled('a cache filled from a folder, with an owner', 'source=/q/w,id=conformance-owned,uid=9,mode=0700'),
  filled('a cache of everything, with an owner', 'id=conformance-all-owned,uid=9,mode=0700'),
  one('a source with dots in it', 'RUN --mount=source=/d/./../d/./,target=/c/ ls /c >/seen'),
  one('from nothing', 'RUN --mount=from=scratch,target=/x ls -A /x >/seen', 'COPY --from=scratch / /y/'),
];
