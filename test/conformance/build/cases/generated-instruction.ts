/** Single instructions at random, for the Dockerfiles of generated.ts, on the context that is there. */
import fc from 'fast-check';

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const line = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''));

const place = one('/p', '/p/', '/p/q', '/d/', 'r', 'r/', '.', '/', '/l/x', '/l', '/etc/', '/d/sub', '$V/', '/new/a/b/');
const source = one(
  'f',
  'd',
  'd/',
  '.',
  'd/*',
  'd/sub',
  'link',
  'dirlink',
  '*.sh',
  'd/private',
  'secret',
  'f d',
  'd/in d/hard',
  'nothing*',
  'd/abs',
  'd/out',
  './d/.',
  'd/../f',
  '[df]',
  'd/su?',
  '*link',
  'sp*',
  'sticky setuid',
  'old new',
);
const owner = one('', '', '', '--chown=5:6 ', '--chown=nobody ', '--chown=7 ');
const mode = one('', '', '', '--chmod=700 ', '--chmod=u+x,go-r ', '--chmod=2755 ');
const notParents = one(
  '--exclude=**/*.txt ',
  '--exclude=sub ',
  '--exclude=sub/** --exclude=!sub/c.txt ',
  '--exclude=* --exclude=!a ',
  '--exclude=?.txt ',
);
const more = fc.oneof(
  { weight: 4, arbitrary: one('', '', '', '', '--link ', '--exclude=*.txt ', '--link --chown=1:2 ') },
  { weight: 1, arbitrary: notParents },
);

const shell = one(
  'mkdir -p /d /p && echo 1 >/d/old >/p/old',
  'rm -rf /d',
  'rm -rf /d && mkdir /d && echo again >/d/a',
  'rm -rf /p/* /d/sub',
  'ln -sfn /d /l',
  'mkdir -p /t && ln -sfn ../t /l',
  'ln -f /etc/passwd /etc/hard 2>/dev/null; echo x >>/etc/hard',
  'chmod -R go-rwx /d 2>/dev/null || true',
  'chown -R 3:4 /p 2>/dev/null || true',
  'mv /d /e 2>/dev/null || true',
  'rm -f /etc/group && echo root:x:0: >/etc/group',
  'mkfifo /fifo || true',
  'umask 077 && mkdir -p /u/v && echo s >/u/v/s',
  'touch -d @1000 /old /etc/passwd',
  'echo $V $W >/vars; pwd >/where; id -u >/who',
  'cp -a /usr /copied && rm -rf /copied/bin',
  'mkdir -p /d/sub/deep && rm -rf /d/sub && echo file >/d/sub',
  'true',
  'set -e; for i in 1 2 3; do mkdir -p /many/$i; echo $i >/many/$i/f; done; rm -r /many/2',
  'chmod 4755 /bin/busybox 2>/dev/null; chmod 1777 /p 2>/dev/null || true',
  'mkdir -p /x/y && rm -rf /x && mkdir -p /x/z',
  'rm -rf /usr && mkdir /usr && echo mine >/usr/mine',
  'cp /etc/passwd /etc/passwd.new && mv /etc/passwd.new /etc/passwd',
  'ln -s loop /loop; ln -s /nowhere /dangling; rm -f /l',
  'find / -xdev -name "*.txt" -newer /etc/passwd -exec rm {} + 2>/dev/null || true',
  'echo "a b" >"/with space" && echo u >/ünï',
  'sh -c \'echo "$V" $0\' >/nested; echo `id -u` $(pwd) >/subst',
  'echo a;   echo b  >/spaces # and a comment',
  'cp -a /p /p2 2>/dev/null; touch -d @99 /p2 2>/dev/null; true',
  'mkdir -p /etc/sub && chmod 700 /etc/sub && ln -s ../passwd /etc/sub/up',
);
const exec = one(
  '["sh", "-c", "echo $V >/exec"]',
  '[ "touch" , "/a b" ]',
  "['touch', '/q']",
  '["id"]  ',
  '["sh"] >/no',
);

const mount = one(
  '--mount=type=tmpfs,target=/tmp ',
  '--mount=type=tmpfs,target=/fresh/t ',
  '--mount=type=bind,target=/ctx ',
  '--mount=type=bind,source=d,target=/ctx/d,rw ',
  '--mount=type=bind,source=f,target=/etc/bound ',
  '--mount=type=cache,target=/cache/c,id=conformance-generated ',
  '--mount=type=cache,target=d,from=s0,source=/etc ',
  '--mount=from=s0,target=/s0 ',
  '--mount=from=s0,source=/etc,target=/etc/s0,rw ',
  '--mount=target=. ',
  '--mount=source=d/sub,target=$V/deep ',
  '--mount=type=secret,id=nobody,target=/run/none ',
  '--mount=type=tmpfs,target=/tmp --mount=source=f,target=/tmp/f ',
  '--network=none ',
  '--mount=source=dirlink,target=/c ',
  '--mount=source=link,target=/c/f ',
  '--mount=type=bind,source=/d/./sub/,target=/c/ ',
  '--mount=type=tmpfs,target=/usr/t,size=1m ',
);
/** Words as ENV, LABEL and ARG have them, with what a shell would do. */
const word = one(
  'plain',
  '"a $V b"',
  "'a $V b'",
  'a\\ b',
  '${V:-d}',
  '${V:+s}',
  '${N:-$V}',
  '${N-"q q"}',
  '${V#/}',
  '${V%%:*}',
  '${V/l/L}',
  '${V//[a]/x}',
  '\\$V',
  '$$V',
  '"\\"q\\""',
  '""',
  '$N',
  'ü=ö',
  "it\\'s",
);
const documents = one(
  'COPY <<A <<"B" /h/\n$V\nA\n$V\nB',
  'COPY f <<A r/\nfirst ${N:-n}\n\nA',
  'ADD --chmod=600 <<a.txt <<-b.txt /h/\n$V\na.txt\n\t\ttabs\n\tb.txt',
  'COPY --chown=5 --link <<A <<B /h/k/\n# no comment\nA\nB',
  'RUN cat <<A >/h1 && cat <<"B" >/h2\n$V\nA\n$V\nB',
  'RUN 3<<A cat <&3 >/h3\n$V\\\nA\nA',
  'RUN <<A\ncat <<B >/h4\n$V\nB\nA',
  'RUN <<A\n\nset -x\nA',
  'RUN cat <<A >/h5; \\\n  echo more >>/h5\n$V\nA',
);
const port = one('80', '$P', '1-3/udp', '$N 9', '8080:80', '"53/udp"', '${P:-7}/sctp');
const document = line(
  one('COPY ', 'COPY --chmod=640 ', 'COPY --chown=3:4 ', 'ADD '),
  one('<<A', '<<-A', '<<"A"', "<<-'A'"),
  one(' /h/', ' /h', ' r/', ' $V/h'),
  '\n',
  one('$V "$V" \'$V\' \\\\$V', '\tone\n\t\ttwo ${N:-n}', '', 'a\\\nb', '# no comment\n\n  x'),
  '\nA',
);
const script = line(
  'RUN ',
  one('<<A', '<<-A', '<<"A"'),
  one('', '', ' sh -s', ' cat >/said'),
  '\n',
  one(
    'echo "$V" >/doc',
    '\techo 1 >/d1\n\techo $0 >>/d1',
    '#!/bin/sh\necho $0 >/d2',
    'set -e\n# c\n\nmkdir -p /h && echo "x\\\ny" >/h/x',
  ),
  '\nA',
);

export const INSTRUCTION: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: line('RUN ', shell) },
  { weight: 2, arbitrary: line('RUN ', mount, shell) },
  {
    weight: 1,
    arbitrary: line(
      'RUN ',
      mount,
      one(
        'cp -a /ctx /taken 2>/dev/null; ls /ctx >/listed 2>&1 || true',
        'echo w >/ctx/d/w; touch /tmp/t /fresh/t/u 2>/dev/null; true',
      ),
    ),
  },
  { weight: 5, arbitrary: line('COPY ', owner, mode, more, source, ' ', place) },
  { weight: 1, arbitrary: line('ADD ', owner, mode, one('a.tar.gz', 'a.tar.xz', 'f', 'd', 'a.tar.*'), ' ', place) },
  { weight: 2, arbitrary: line('WORKDIR ', one('/w', 'x', '../y', '/l', '/p/q', '$V', '/w/')) },
  {
    weight: 1,
    arbitrary: line(
      'ENV V=',
      one('/v', 'two\\ words', '"$V:1"', '${V:-dflt}', '${W:+set}', "'lit $V'"),
      one('', ' W=$V'),
    ),
  },
  { weight: 1, arbitrary: line('ARG ', one('V=arg', 'W', 'W=${V}x', 'V')) },
  { weight: 1, arbitrary: line('USER ', one('nobody', '5:6', '7', 'root', '$V')) },
  {
    weight: 1,
    arbitrary: one(
      'VOLUME /p /vol',
      'VOLUME ["/d"]',
      'EXPOSE 80 53/udp $V',
      'LABEL a=$V b="c d"',
      'CMD echo $V',
      'CMD ["a", "b"]',
      'ENTRYPOINT ["e"]',
      'ENTRYPOINT exec e',
      'STOPSIGNAL 9',
      'HEALTHCHECK --retries=2 CMD x',
      'HEALTHCHECK NONE',
      'SHELL ["/bin/sh", "-ec"]',
      'SHELL ["/bin/busybox", "sh", "-c"]',
      'SHELL [ "/bin/sh" , "-euxc" ]',
      'HEALTHCHECK --interval=5s --start-period=1m CMD ["a", "b"]',
      'ENV M=1 \\\n  # between\n  N="2 \\\n  3"',
      'LABEL multi="a\\\nb" \\\n\n  other=\'$V\'',
      'COPY ["f", "/js on/"]',
      'COPY [ "d/a", "secret", "r/" ]',
      'ADD ["sp ace", "/sp/"]',
      'RUN cd /p && \\\n# between\n    echo done >/done \\\n  ; true',
      'MAINTAINER m e',
      'ONBUILD RUN echo trigger >/trigger',
      'ONBUILD COPY f /onbuild/',
    ),
  },
  { weight: 2, arbitrary: document },
  { weight: 2, arbitrary: documents },
  { weight: 1, arbitrary: line('RUN ', exec) },
  { weight: 2, arbitrary: script },
  { weight: 2, arbitrary: line(one('ENV A=', 'LABEL l.a=', 'ARG A=', 'ENV A ', 'LABEL "l b"='), word) },
  { weight: 1, arbitrary: line('ENV A=', word, ' B=', word, ' V=', word) },
  { weight: 1, arbitrary: line('EXPOSE ', port) },
  { weight: 1, arbitrary: line('ARG P=', one('90', '"90 91/udp"', '')) },
  {
    weight: 1,
    arbitrary: line(
      'ONBUILD ',
      one(
        'ENV O=$V',
        'ARG O=1',
        'RUN echo $V$O$W >>/om',
        'SHELL ["/bin/sh", "-ec"]',
        'COPY --from=conformance-busybox /etc/passwd /op',
        'RUN <<A\necho $V >/oh\nA',
        'WORKDIR ow',
        'RUN --mount=target=/m ls /m >/om',
        'USER 5',
        'COPY --chown=5 d $V/',
      ),
    ),
  },
  { weight: 1, arbitrary: line('COPY <<E', one(' /h', ' /h/i/', ' r/j'), '\nV is $V\nE') },
  { weight: 1, arbitrary: line('RUN <<E', one('', ' cat >/cat', ' sh -x'), '\necho "$V" >/doc\nE') },
);

/** To be put where there is a stage s0. */
export const COPY_FROM: fc.Arbitrary<string> = line(
  'COPY --from=',
  one('s0', '0', 'S0'),
  ' ',
  owner,
  one('', '--link ', '--exclude=*.txt '),
  one('/etc/passwd /x', '/d /x/', '/p /p', '/ /all', '/l /ll', '/d/. /e/', 'w* /ws/', '/h /h', '/etc/../p/. /pp'),
);
