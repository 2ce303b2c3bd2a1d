/** More of what repositories have: each of these once was built here otherwise than by BuildKit, or nearly. */
import type { BuildCase, ContextEntry } from '../build-case.ts';

const FILES: Readonly<Record<string, ContextEntry>> = {
  'conf/a.conf': 'a=1\n',
  'conf/b.conf': 'b=1\n',
  'sql/001.sql': 'create\n',
  'requirements.txt': 'flask==3\n',
  'app/main.py': 'print(1)\n',
  'go.mod': 'module x\n',
  '.dockerignore': '**/*.log\n!keep.log\n',
};
const layout = (name: string, dockerfile: string, ...args: string[]): BuildCase => ({
  name: `more: ${name}`,
  dockerfile: dockerfile.trimStart().replaceAll('BASE', 'conformance-busybox'),
  files: FILES,
  args,
});

export const MORE_CASES: readonly BuildCase[] = [
  layout(
    'quotes of all kinds',
    `
FROM BASE
ENV JAVA_OPTS="-Xms64m -Dfoo=\\"a b\\" -Dbar='c d'" \\
    EMPTY="" SPACE=" " TAB="	" BS=a\\\\b NL="a\\
b"
LABEL description="This text illustrates \\
that label-values can span multiple lines." 'single quoted'='it is' "double"="\${EMPTY:-d}"
RUN echo "$JAVA_OPTS" >/o; printf '%s|' "$EMPTY" "$SPACE" "$BS" "$NL" >>/o
CMD echo "\${JAVA_OPTS}" 'x' \\
  && echo y
`,
  ),
  layout(
    'arguments that name the base',
    `
ARG REG=
ARG IMG=\${REG}BASE
ARG TAG=\${TAG:-latest}
FROM \${IMG}:\${TAG} AS a
ARG REG
ARG TAG
ARG IMG=x\${IMG}y
ENV E=$REG-$TAG-$IMG
FROM a
ARG IMG
ENV F=$IMG-$TAG
`,
  ),
  layout(
    'a current version by symlink',
    `
FROM BASE
RUN mkdir -p /data/real && ln -s /data/real /data/current && ln -s current /data/cc
COPY conf /data/cc/
COPY conf/a.conf /data/current/z
WORKDIR /data/cc/w
COPY sql .
RUN rm /data/current && mkdir /data/current && touch /data/current/d
`,
  ),
  layout(
    'folders that go and come again',
    `
FROM BASE
RUN mkdir -p /o/a/b /o/c && touch /o/a/b/f /o/c/g
RUN rm -rf /o && mkdir -p /o/a && touch /o/a/new
RUN rm -rf /o/a && mkdir -p /o/a/b && touch /o/a/b/again
RUN mv /o /o2 && mv /o2 /o
`,
  ),
  layout(
    'layers of their own',
    `
FROM BASE AS a
RUN mkdir -p /o/bin && echo 1 >/o/bin/a && chown -R 3:3 /o
FROM BASE
COPY --link --from=a /o/bin/a /usr/local/bin/a
COPY --link --from=a /o/ /
COPY --link --chown=7:7 conf /etc/conf
COPY --link --chmod=600 conf/a.conf /etc/conf/z/
`,
  ),
  layout(
    'a chain of stages',
    `
FROM BASE AS s0
ARG V0=v0
ENV E0=$V0
RUN echo $E0 >/f0
FROM s0 AS s1
ARG V1=v1
ENV E1=$V1
RUN echo $E1 >/f1
FROM s1 AS s2
ARG V2=v2
ENV E2=$V2
RUN echo $E2 >/f2
FROM s2 AS s3
ARG V3=v3
ENV E3=$V3
RUN echo $E3 >/f3
FROM s3 AS s4
ARG V4=v4
ENV E4=$V4
RUN echo $E4 >/f4
FROM s4 AS s5
ARG V5=v5
ENV E5=$V5
RUN echo $E5 >/f5
FROM s5 AS s6
ARG V6=v6
ENV E6=$V6
RUN echo $E6 >/f6
FROM s6 AS s7
ARG V7=v7
ENV E7=$V7
RUN echo $E7 >/f7
FROM s7 AS s8
ARG V8=v8
ENV E8=$V8
RUN echo $E8 >/f8
FROM s8 AS s9
ARG V9=v9
ENV E9=$V9
RUN echo $E9 >/f9
FROM s9 AS s10
ARG V10=v10
ENV E10=$V10
RUN echo $E10 >/f10
FROM s10 AS s11
ARG V11=v11
ENV E11=$V11
RUN echo $E11 >/f11
FROM BASE
COPY --from=s0 /f0 /all/
COPY --from=s1 /f1 /all/
COPY --from=s2 /f2 /all/
COPY --from=s3 /f3 /all/
COPY --from=s4 /f4 /all/
COPY --from=s5 /f5 /all/
COPY --from=s6 /f6 /all/
COPY --from=s7 /f7 /all/
COPY --from=s8 /f8 /all/
COPY --from=s9 /f9 /all/
COPY --from=s10 /f10 /all/
COPY --from=s11 /f11 /all/
`,
  ),
  layout(
    'mounts of another stage',
    `
FROM BASE AS a
RUN mkdir -p /r/s && echo 1 >/r/s/f
FROM BASE
RUN --mount=from=a,source=/r,target=/m,rw echo 2 >>/m/s/f && cp /m/s/f /one
RUN --mount=from=a,source=/r/s/f,target=/etc/f cat /etc/f >/two
RUN --mount=type=tmpfs,target=/run --mount=type=tmpfs,target=/var/log touch /run/x /var/log/y && mkdir -p /var/log/z
RUN --mount=type=secret,id=none,target=/etc/none ls /etc/none >/three 2>&1 || true
`,
  ),
  layout(
    'services by here-documents',
    `
FROM BASE
COPY <<-"RUN" /etc/services.d/web/run
	#!/bin/sh
	exec httpd -f -p "\${PORT}"
RUN
COPY --chmod=755 <<up <<down /etc/s6/
#!/bin/sh
echo up $X
up
#!/bin/sh
down
`,
  ),
  layout(
    'cargo chef with caches',
    `
ARG RUST=1
FROM BASE AS chef
WORKDIR /app
FROM chef AS planner
COPY . .
RUN find . -name '*.mod' | sort >recipe.json
FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN --mount=type=cache,target=/usr/local/cargo/registry,id=conformance-cargo --mount=type=cache,target=/app/target,id=conformance-target mkdir -p target/release && cp recipe.json target/release/app && cp target/release/app /bin/app
FROM scratch AS runtime
COPY --from=builder /bin/app /usr/local/bin/
USER 1001:1001
ENTRYPOINT ["/usr/local/bin/app"]
`,
  ),
  layout(
    'working directories of a user',
    `
FROM BASE
USER 65534
WORKDIR /srv/app
COPY conf .
RUN touch x 2>err || true
USER root
WORKDIR logs
RUN chmod 1777 .
`,
  ),
  layout(
    'scripts in a volume',
    `
FROM BASE
RUN mkdir -p /docker-entrypoint-initdb.d && chmod 3777 /docker-entrypoint-initdb.d
COPY --chown=70:70 sql/*.sql /docker-entrypoint-initdb.d/
VOLUME /docker-entrypoint-initdb.d
RUN touch /docker-entrypoint-initdb.d/after
`,
  ),
  layout(
    'comments and blank lines between',
    `
FROM BASE
RUN apk() { :; }; \\
    # install things
    apk add \\
      curl \\

      # a comment
      git \\
    && echo done >/o
`,
  ),
  layout(
    'a virtual environment that moves',
    `
FROM BASE AS py
ENV VIRTUAL_ENV=/opt/venv
RUN mkdir -p $VIRTUAL_ENV/bin && ln -s /bin/sh $VIRTUAL_ENV/bin/python && ln -s python $VIRTUAL_ENV/bin/python3
ENV PATH="$VIRTUAL_ENV/bin:$PATH"
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip,id=conformance-pip sh -c 'mkdir -p $VIRTUAL_ENV/lib/python3.11/site-packages/flask && cp requirements.txt $VIRTUAL_ENV/lib/python3.11/site-packages/flask/'
FROM BASE
COPY --from=py /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH" PYTHONUNBUFFERED=1
COPY --chmod=0755 ./app /app
WORKDIR /app
ENTRYPOINT ["python","-m","flask"]
CMD ["run","--host=0.0.0.0"]
`,
  ),
  layout(
    'only modes and owners',
    `
FROM BASE
RUN mkdir -p /x/y && touch /x/y/z
RUN chmod 700 /x
RUN chown -R 5:5 /x/y
RUN touch -d @5 /x/y/z && chmod -R a-w /x
`,
  ),
  layout(
    'a target for developing',
    `
FROM BASE AS base
WORKDIR /a
COPY conf .
FROM base AS dev
ENV M=dev
CMD ["dev"]
FROM base AS test
RUN false
FROM base AS prod
ENV M=prod
`,
    '--target',
    'dev',
  ),
  layout(
    'onbuild for two',
    `
FROM BASE AS sdk
ONBUILD ARG P=/app
ONBUILD WORKDIR $P
ONBUILD COPY conf/*.conf ./
ONBUILD RUN ls >list
FROM sdk AS one
RUN touch one
FROM sdk AS two
ARG P
RUN touch two-$P 2>/dev/null || touch two
FROM scratch
COPY --from=one /given /one
COPY --from=two /given /two
`,
    '--build-arg',
    'P=/given',
  ),
];
