/** Dockerfiles shaped as those of real projects are, on a base that every engine has. */
import type { BuildCase } from '../build-case.ts';

const APP = {
  'package.json': '{"name":"app","version":"1.0.0"}\n',
  'package-lock.json': '{}\n',
  'src/index.js': 'console.log(1)\n',
  'src/lib/a.js': '1\n',
  'public/index.html': '<html>\n',
  'go.mod': 'module x\n',
  'main.go': 'package main\n',
  'requirements.txt': 'flask\n',
  'app/__init__.py': '\n',
  'pom.xml': '<project/>\n',
  'Cargo.toml': '[package]\n',
  'nginx/default.conf': 'server {}\n',
  'docker-entrypoint.sh': { content: '#!/bin/sh\nexec "$@"\n', mode: 0o755 },
  '.dockerignore': 'node_modules\n*.log\n.git\n',
} as const;
const project = (name: string, dockerfile: string, ...args: string[]): BuildCase => ({
  name: `project: ${name}`,
  dockerfile: dockerfile.replaceAll('BASE', 'conformance-busybox'),
  files: APP,
  args,
});

export const PROJECT_CASES: readonly BuildCase[] = [
  project(
    'node',
    `# syntax=docker/dockerfile:1
ARG NODE_VERSION=20
FROM BASE AS base
WORKDIR /usr/src/app
FROM base AS deps
RUN --mount=type=bind,source=package.json,target=package.json \\
    --mount=type=bind,source=package-lock.json,target=package-lock.json \\
    --mount=type=cache,id=conformance-npm,target=/root/.npm \\
    mkdir -p node_modules && cat package.json >node_modules/installed
FROM deps AS build
COPY . .
RUN mkdir dist && cat src/*.js >dist/app.js
FROM base AS final
ENV NODE_ENV=production
USER nobody
COPY package.json .
COPY --from=deps /usr/src/app/node_modules ./node_modules
COPY --from=build /usr/src/app/dist ./dist
EXPOSE 3000
CMD ["node", "dist/app.js"]
`.replace('# syntax=docker/dockerfile:1\n', ''),
  ),
  project(
    'python',
    `FROM BASE AS base
ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1
WORKDIR /app
ARG UID=10001
RUN adduser --disabled-password --gecos "" --home "/nonexistent" --shell "/sbin/nologin" --no-create-home --uid "\${UID}" appuser 2>/dev/null \\
  || echo "appuser:x:\${UID}:\${UID}::/nonexistent:/sbin/nologin" >>/etc/passwd
COPY requirements.txt .
RUN cat requirements.txt >/installed
USER appuser
COPY --chown=appuser . .
EXPOSE 8000
CMD python3 -m uvicorn app:app --host=0.0.0.0 --port=8000
`,
  ),
  project(
    'go',
    `FROM --platform=$BUILDPLATFORM BASE AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod ./
RUN cat go.mod >/mods
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH sh -c 'echo "$GOOS/$GOARCH" >/bin/app && chmod 755 /bin/app'
FROM scratch
COPY --from=build /bin/app /bin/app
COPY --from=build /etc/passwd /etc/passwd
USER 65534:65534
ENTRYPOINT ["/bin/app"]
`,
  ),
  project(
    'java',
    `FROM BASE AS build
WORKDIR /build
COPY pom.xml .
RUN mkdir -p target/layers/app && cat pom.xml >target/layers/app/app.jar
FROM BASE AS extract
WORKDIR /build
COPY --from=build /build/target /build/target
RUN cp -r target/layers layers
FROM BASE
RUN mkdir /data && chown 1000:1000 /data
VOLUME /data
COPY --from=extract --chown=1000:1000 /build/layers/app/ ./
ENV JAVA_OPTS="-Xmx256m -Dname=\\"x y\\""
ENTRYPOINT exec java $JAVA_OPTS -jar app.jar
`,
  ),
  project(
    'rust',
    `ARG APP=demo
FROM BASE AS chef
WORKDIR /app
FROM chef AS planner
COPY . .
RUN cat Cargo.toml >recipe.json
FROM chef AS builder
ARG APP
COPY --from=planner /app/recipe.json recipe.json
RUN cat recipe.json >deps
COPY . .
RUN echo $APP >/app/bin-$APP
FROM BASE AS runtime
ARG APP
COPY --from=builder /app/bin-$APP /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/demo"]
`,
    '--build-arg',
    'APP=other',
  ),
  project(
    'nginx',
    `FROM BASE AS web
COPY public/ /html/
FROM BASE
LABEL org.opencontainers.image.title="web" \\
      org.opencontainers.image.description="A \\
site"
COPY nginx/default.conf /etc/nginx/conf.d/default.conf
COPY --from=web /html /usr/share/nginx/html
RUN ln -sf /dev/stdout /var-log-access && chmod -R a+rX /usr/share
HEALTHCHECK --interval=30s --timeout=3s CMD wget -qO- http://localhost/ || exit 1
STOPSIGNAL SIGQUIT
EXPOSE 80 443
CMD ["nginx", "-g", "daemon off;"]
`,
  ),
  project(
    'php',
    `FROM BASE
ENV APACHE_DOCUMENT_ROOT /var/www/html/public
RUN set -eux; \\
    mkdir -p "$APACHE_DOCUMENT_ROOT"; \\
    echo "\${APACHE_DOCUMENT_ROOT}" >/root-of; \\
    { \\
      echo 'a=1'; \\
      echo 'b=2'; \\
    } > /etc/conf.ini
WORKDIR $APACHE_DOCUMENT_ROOT
COPY --chown=www-data:www-data public .
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["apache2-foreground"]
`,
  ),
  project(
    'packages in one step',
    `FROM BASE
RUN set -ex \\
  && mkdir -p /var/lib/apt/lists /var/cache/apt \\
  && touch /var/lib/apt/lists/x /usr-bin \\
  # the lists go again
  && rm -rf /var/lib/apt/lists/* \\
  && for d in a b c; do mkdir -p "/opt/$d"; done
RUN find /opt -type d -empty -delete || true
RUN mkdir -p /opt/b && mv /opt /opt2
`,
  ),
  project(
    'onbuild base',
    `FROM BASE AS onbuild
ONBUILD ARG NODE_ENV=production
ONBUILD ENV NODE_ENV $NODE_ENV
ONBUILD COPY package.json /usr/src/app/
ONBUILD RUN cat /usr/src/app/package.json >/usr/src/app/lock
ONBUILD COPY . /usr/src/app
FROM onbuild
WORKDIR /usr/src/app
CMD [ "npm", "start" ]
`,
  ),
  project(
    'wait scripts by heredoc',
    `FROM BASE
COPY <<-"EOT" /usr/local/bin/wait-for
	#!/bin/sh
	while ! nc -z "$1" "$2"; do sleep 1; done
EOT
RUN <<EOT
  set -e
  chmod +x /usr/local/bin/wait-for
  addgroup app 2>/dev/null || echo app:x:101: >>/etc/group
EOT
COPY --chmod=0644 <<config.yml <<"other.yml" /etc/app/
name: \${NAME:-app}
config.yml
name: \${NAME}
other.yml
ENTRYPOINT ["wait-for"]
`,
  ),
];
