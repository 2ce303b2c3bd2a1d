/** What BuildKit does where nobody looks: mount points that stay, symlinks as destinations, here-documents, names of places. */
import type { BuildCase, ContextEntry } from '../build-case.ts';

const FROM = 'FROM conformance-busybox';
const FILES: Readonly<Record<string, ContextEntry>> = {
  a: 'a\n',
  'd/b': 'b\n',
  'd/s/c': 'c\n',
  'd/x.md': 'x',
  'd/up': { link: '../a' },
  'sp ace': 's',
  '[x]': 'br',
  lf: { link: 'a' },
  ld: { link: 'd' },
};
const one = (name: string, ...lines: string[]): BuildCase => ({
  name: `corners: ${name}`,
  dockerfile: [FROM, ...lines, ''].join('\n'),
  files: FILES,
});
/** What is wrong in a stage that the target does not need. */
const unneeded = (stage: string): BuildCase => ({
  ...one(`not needed: ${stage.replace(`${FROM}\n`, '')}`, `${FROM} AS t`, 'COPY a /', stage),
  args: ['--target', 't'],
  differsByClient: 'the classic builder does not look at it',
});
const NAMED = { differsByClient: 'with the classic builder a RUN has a name of its own, also in its environment' };

export const CORNER_CASES: readonly BuildCase[] = [
  { ...one('environment, whole', 'ARG B=2', 'ENV A=1', 'RUN env >/e'), ...NAMED },
  { ...one('environment of a number', 'USER 1234:99', 'RUN env >/tmp/e; id >>/tmp/e; touch /tmp/f'), ...NAMED },
  one('own host name', 'ENV HOSTNAME=mine', 'RUN echo $HOSTNAME >/e'),
  one('mount point below a folder of the base', 'RUN --mount=type=tmpfs,target=/var/r/s true'),
  one('mount point below a folder of a step', 'RUN mkdir /q', 'RUN --mount=type=tmpfs,target=/q/r/s true'),
  one('mount point below the working directory', 'WORKDIR /w', 'RUN --mount=type=tmpfs,target=rel true'),
  one('mount point below an old folder', 'RUN mkdir /q && touch -d @99 /q', 'RUN --mount=type=tmpfs,target=/q/x true'),
  one('mount points, several', 'RUN --mount=type=tmpfs,target=/q/r/s --mount=type=tmpfs,target=/q/t touch /q/u'),
  one('mount on the working directory', 'WORKDIR /w', 'RUN --mount=type=bind ls >/x'),
  one('mount on the root', 'RUN --mount=type=bind true'),
  one('mount on a file', 'RUN --mount=type=bind,source=a,target=/etc/passwd cat /etc/passwd >/x'),
  one('here-document with tabs', 'RUN cat <<-A >/x', '\t\ty $HOME', '\tA'),
  one('here-document with tabs, alone', 'RUN <<-A', '\techo 1 >/x', '\tA'),
  one('here-documents of both kinds', 'RUN cat <<A >/x && cat <<-B >>/x', 'x', 'A', '\t\ty', '\tB'),
  one('here-document first', 'RUN <<-A cat >/x', '\t\ty', '\tA'),
  one('here-document in a name', 'ARG V=q', 'COPY <<A /f$V', '${V:+set} \\$V \\\\ "$V" \'$V\'', 'A'),
  one('copy to a symlink to a folder', 'RUN mkdir /t && ln -s t /l', 'COPY a /l/', 'COPY d /l', 'COPY a /l/z/y'),
  one('copy over a symlink', 'RUN echo o >/o && ln -s o /l', 'COPY a /l'),
  one('copy to a symlink to nothing', 'RUN ln -s /nowhere /l && ln -s /none /m', 'COPY a /l', 'COPY d /m'),
  one('copy through a symlink that leads out', 'RUN ln -s ../../../../etc /l', 'COPY a /l/zz'),
  one('copy of symlinks', 'COPY lf /x', 'COPY ld /y', 'COPY ld/ /z/', 'COPY ld/b /w'),
  one('copy of strange names', 'COPY ["sp ace", "/y z/"]', 'COPY ["[[]x]", "/b/"]'),
  one('copy with exceptions', 'COPY --exclude=s/* --exclude=!s/c --exclude=*.md d /m/'),
  one('copy --link below new folders', 'COPY --link --chown=3:4 --chmod=700 a /new/deep/er/'),
  one('hard links over layers', 'RUN echo 1 >/a1 && ln /a1 /a2', 'RUN echo 2 >>/a1', 'RUN rm /a2'),
  one('modes in letters', 'COPY --chmod=u=rwX,go=rX . /m', 'COPY --chmod=a+x,g-w,o= d /n'),
  one('copy from itself by number', 'COPY --from=0 a /'),
  one('time of the root', 'COPY d /', 'FROM conformance-busybox', 'COPY --from=0 / /all'),
  one('time of the root, linked', 'FROM scratch AS r', 'COPY --link d /', FROM, 'COPY --from=r / /all'),
  one('time of the root, mounted', `${FROM} AS r`, 'COPY d /', FROM, 'RUN --mount=from=r,target=/x stat -c %Y /x >/t'),
  {
    ...one('a stage in capitals', 'FROM conformance-busybox AS Base', 'FROM Base', 'RUN true'),
    differsByClient: 'the classic builder takes it',
  },
  one(
    'stages in capitals elsewhere',
    'FROM conformance-busybox AS Base',
    'FROM base AS B2',
    'COPY --from=BASE /etc/passwd /p',
    'RUN --mount=from=bAse,target=/x true',
  ),
  one('ports of arguments', 'ARG P=8080', 'EXPOSE $P/tcp 80 80 53/udp 1-3', 'EXPOSE 9 10'),
  one('two dollars', 'ENV A=$$ B=$$x C=a$$b D="$$" E=${$} F=$$$ G=\\$$ H=$@$*', 'COPY <<E /x', '$$y', 'E'),
  {
    ...one('a mount from a number', 'FROM conformance-busybox', 'RUN --mount=from=0,target=/x true'),
    differsByClient: 'the classic builder takes it for the begin of an id, which some image here may have',
  },
  one('time of the root, after a step', 'COPY d /', 'WORKDIR /w', FROM, 'COPY --from=0 / /all'),
  one('copy from nowhere', 'COPY --from= a /'),
  one('wildcards that symlinks are in the way of', 'COPY l*/b /x/', 'COPY ld/* /y/', 'COPY */b /z/', 'COPY l? /w/'),
  one('the same of a stage', 'COPY . /c/', FROM, 'COPY --from=0 /c/l*/b /x/', 'COPY --from=0 /c/ld/s* /y/'),
  { ...one('an image of another system', 'FROM scratch', 'COPY a /'), args: ['--platform', 'windows/amd64'] },
  ...['FROM T', 'FROM Foo/Bar', 'FROM $X', 'FROM --platform=$X scratch', 'FROM a@sha256:1'].map(unneeded),
  ...['COPY --from=9 / /', 'COPY --from=A/B / /', 'RUN --mount=type=foo true', 'EXPOSE abc'].map((line) =>
    unneeded(`${FROM}\n${line}`),
  ),
];
