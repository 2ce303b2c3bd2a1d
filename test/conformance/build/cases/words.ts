/** What single words of instructions may be: ports, signals, owners, modes, names of stages. */
import type { BuildCase, ContextEntry } from '../build-case.ts';

const FILES: Readonly<Record<string, ContextEntry>> = { f: 'f\n', 'd/a': 'a' };
const FROM = 'FROM conformance-busybox';
const one = (name: string, ...lines: string[]): BuildCase => ({
  name: `words: ${name}`,
  dockerfile: [...(lines[0]?.startsWith('FROM') || lines[0]?.startsWith('ARG') ? [] : [FROM]), ...lines, ''].join('\n'),
  files: FILES,
});
const each = (keyword: string, words: readonly string[]): BuildCase[] =>
  words.map((word) => one(`${keyword} ${word}`, `${keyword} ${word}`));

const PORTS = [
  '80/',
  '80/tcp/udp',
  '1-2:3-5',
  'x:3',
  'nope:3:3',
  '::1:80:80',
  '[::1]:80',
  '["80"]',
  '+80',
  '""',
  '$none',
  '/udp',
];
const SIGNALS = ['-9', '+9', '0', 'RTMIN+0', 'RTMIN+15', 'RTMIN+16', 'RTMAX-14', 'RTMAX-15', 'SIGCLD', 'SIGUNUSED'];
const OWNERS = ['-1', '-2', '2147483647', '2147483648', '4294967296', '+5', '0x5', '5:-2', '5:', ':nobody', 'nope:5'];
const MODES = ['999', '64a', 'foo', '17777', 'u+z', ''];

export const WORD_CASES: readonly BuildCase[] = [
  ...each('EXPOSE', PORTS),
  ...each('STOPSIGNAL', SIGNALS),
  ...OWNERS.map((owner) => one(`chown ${owner}`, `COPY --chown=${owner} f /x`)),
  ...MODES.map((mode) => one(`chmod ${mode}`, `COPY --chmod=${mode} f /x`)),
  one('chown by name where nothing is', 'FROM scratch', 'COPY --chown=daemon f /by-name'),
  one('workdir by name where nothing is', 'FROM scratch', 'USER daemon', 'WORKDIR /by-name'),
  one('workdir below a file', 'WORKDIR /etc/passwd/x'),
  one('an argument whose fallback is not wanted', 'ARG A', 'ARG B=${A:?is wanted}', 'ENV C=$B'),
  one('a global argument that is wanted', 'ARG A=${A:?is wanted}', FROM),
  one('from a later stage', `${FROM} AS a`, 'COPY --from=b /etc/passwd /p', `${FROM} AS b`, 'FROM a'),
  one('from one another', `${FROM} AS a`, 'COPY --from=b / /b', `${FROM} AS b`, 'COPY --from=a / /a'),
  one('from a stage in capitals that is none', 'COPY --from=More /x /y'),
  one('the stage that is built', 'ARG TARGETSTAGE', `${FROM} AS Last`, 'ARG TARGETSTAGE', 'ENV S=$TARGETSTAGE'),
  one('a script behind a tab', 'RUN <<-A', '\t#!/bin/sh', '\techo 1 >/x', '\tA'),
  one('a document with a slash', 'COPY <<a/b /h/', '1', 'a/b'),
  one('an exception that is no pattern', 'COPY --exclude=[ d /m/'),
  one('open braces', 'ENV A=${B'),
  one(
    'patterns as Go has them',
    'ENV A="hello world" B="" C=ä🚀ö P=*x',
    'ENV E=${A#"\\h"} F=${B/*/x} G=${B//*/x} H="${A/$B/x}" I="${A//o/<$0${1}$$>}" J=${A//o/\'<$0$1$$>\'}',
    'ENV K=${A/o/\'<$0$1$$>\'} L=${C%?} M=${C//?/.} N=${A%%$P} O=${A//"o\\""/x} Q="${A//*/$A}"',
  ),
  one('a pattern that escapes a letter', 'ENV A=x B=${A%l\\o}'),
  one('an escape by a variable', "ENV A='\\\\x' B=${C#$A}"),
  one('a quote that ends the pattern', 'ENV A=x B=${A/"x\\"/y}'),
  one('flags that nobody reads', 'ARG --a b=1', 'ENV A=$b', 'STOPSIGNAL --x=1 SIGINT'),
  one('a replacement that ends early', 'ENV A=${B/}'),
];
