/** As repositories and base images are laid out. */
import type { BuildCase } from '../build-case.ts';
import { popular } from './popular.ts';

const raw = String.raw;

export const LAYOUT_CASES: readonly BuildCase[] = [
  popular(
    'node, made by hand',
    raw`
FROM BASE
ENV NODE_VERSION 22.11.0
RUN addgroup -g 1000 node \
    && adduser -u 1000 -G node -s /bin/sh -D node \
    && ARCH= OPENSSL_ARCH='linux*' && alpineArch="$(uname -m)" \
      && case "${'$'}{alpineArch##*-}" in \
        x86_64) ARCH='x64' CHECKSUM="abc" OPENSSL_ARCH=linux-x86_64;; \
        *) ;; \
      esac \
  && mkdir -p /usr/local-bin && ln -s /usr/local-bin/node /usr/local-bin/nodejs \
  && echo "v$NODE_VERSION" >/node-version
ENV YARN_VERSION 1.22.22
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
CMD [ "node" ]
`,
  ),
  popular(
    'next.js standalone',
    raw`
FROM BASE AS base
FROM base AS deps
WORKDIR /app
COPY package.json yarn.lock* package-lock.json* pnpm-lock.yaml* .npmrc* ./
RUN \
  if [ -f yarn.lock ]; then echo yarn >pm; \
  elif [ -f pnpm-lock.yaml ]; then mkdir -p node_modules/.pnpm && ln -s .pnpm node_modules/link && echo pnpm >pm; \
  else echo "Lockfile not found." && exit 1; \
  fi
FROM base AS builder
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY . .
RUN mkdir -p .next/standalone .next/static public && echo s >.next/standalone/server.js && echo c >.next/static/c.js
FROM base AS runner
WORKDIR /app
ENV NODE_ENV=production
RUN addgroup --system --gid 1001 nodejs
RUN adduser -S -u 1001 nextjs
COPY --from=builder /app/public ./public
RUN mkdir .next && chown nextjs:nodejs .next
COPY --from=builder --chown=nextjs:nodejs /app/.next/standalone ./
COPY --from=builder --chown=nextjs:nodejs /app/.next/static ./.next/static
USER nextjs
EXPOSE 3000
ENV PORT=3000 HOSTNAME="0.0.0.0"
CMD ["node", "server.js"]
`,
    { ignore: 'Dockerfile\n.dockerignore\nnode_modules\nnpm-debug.log\nREADME.md\n.next\n!.next/static\n.git\n' },
  ),
  popular(
    'workspaces with parents',
    raw`
FROM BASE AS pruned
WORKDIR /repo
COPY --parents package.json pnpm-lock.yaml **/package.json ./
RUN find . -type f | sort >/list
FROM BASE
COPY --from=pruned /list /repo/package.json /repo/
COPY --parents --exclude=**/*.md --exclude=**/.env apps/./api packages/*/src /out/
`,
    { ignore: '**/node_modules\n', differs: 'COPY --parents came to the stable channel after the reference' },
  ),
  popular(
    'one file for many services',
    raw`
ARG SERVICE=web
FROM BASE AS base
ARG APP_VERSION=0.0.0
ENV APP_VERSION=$APP_VERSION
LABEL org.opencontainers.image.version=$APP_VERSION
FROM base AS web
COPY apps/web /srv
EXPOSE 3000
FROM base AS api
COPY apps/api /srv
EXPOSE 4000
FROM base AS broken
RUN exit 1
FROM ${'$'}{SERVICE} AS service
ARG SERVICE
LABEL service=$SERVICE
RUN ls /srv >/manifest
FROM service AS debug
RUN echo debug >/debug
`,
    {
      args: ['--build-arg', 'SERVICE=api', '--build-arg', 'APP_VERSION=2.0', '--target', 'service', '--label', 'ci=1'],
    },
  ),
  popular(
    'dev container base',
    raw`
ARG VARIANT="bookworm"
FROM BASE
ARG USERNAME=vscode
ARG USER_UID=1000
ARG USER_GID=$USER_UID
RUN addgroup -g $USER_GID $USERNAME \
    && adduser -u $USER_UID -G $USERNAME -D -s /bin/sh $USERNAME \
    && mkdir -p /etc/sudoers.d \
    && echo $USERNAME ALL=\(root\) NOPASSWD:ALL > /etc/sudoers.d/$USERNAME \
    && chmod 0440 /etc/sudoers.d/$USERNAME
ENV SHELL=/bin/bash DOCKER_BUILDKIT=1
RUN SNIPPET="export PROMPT_COMMAND='history -a' && export HISTFILE=/commandhistory/.bash_history" \
    && mkdir /commandhistory \
    && touch /commandhistory/.bash_history \
    && chown -R $USERNAME /commandhistory \
    && echo "$SNIPPET" >> "/home/$USERNAME/.bashrc"
LABEL devcontainer.metadata='[{"remoteUser":"vscode","customizations":{"vscode":{"extensions":["a.b"]}}}]'
USER $USERNAME
WORKDIR /workspaces
RUN echo $HOME >/tmp/home; id >>/tmp/home
USER root
CMD ["sleep", "infinity"]
`,
    { args: ['--build-arg', 'USER_UID=1234'] },
  ),
  popular(
    'onbuild parents of parents',
    raw`
FROM BASE AS python-onbuild
RUN mkdir -p /usr/src/app
WORKDIR /usr/src/app
ONBUILD COPY pyproject.toml /usr/src/app/
ONBUILD RUN echo installed >>installed
ONBUILD USER 1000
FROM python-onbuild AS app
ONBUILD LABEL late=1
CMD ["python", "."]
FROM app
COPY src .
`,
  ),
  popular(
    'distroless by hand',
    raw`
FROM BASE AS rootfs
RUN mkdir -p /r/etc/ssl/certs /r/home/nonroot /r/usr/share/zoneinfo && \
    chown 65532:65532 /r/home/nonroot && chmod 700 /r/home/nonroot && \
    echo 'root:x:0:0:root:/root:/sbin/nologin' >/r/etc/passwd && \
    echo cert >/r/etc/ssl/certs/ca-certificates.crt && ln -s certs/ca-certificates.crt /r/etc/ssl/cert.pem
FROM scratch
COPY --from=rootfs /r /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /home/nonroot
USER 65532
`,
  ),
  popular(
    'static site in two steps',
    raw`
FROM BASE AS build-stage
WORKDIR /app
COPY html ./html
RUN cp -r html dist && gzip -c dist/index.html >/dev/null
FROM BASE AS production-stage
RUN rm -rf /usr/share/nginx/html/*
COPY --from=build-stage /app/html /usr/share/nginx/html
COPY conf/conf.d/default.conf /etc/nginx/conf.d/default.conf
HEALTHCHECK CMD wget -q -O /dev/null http://localhost/ || exit 1
CMD ["nginx", "-g", "daemon off;"]
`,
  ),
  popular(
    'everything ignored but what is named',
    raw`
FROM BASE
WORKDIR /site
COPY . .
`,
    {
      ignore: '# all\n*\n!docs/**\n!html\nhtml/assets\n!html/assets/.keep\ndocs/*.md\n!docs/keep.md\n!sub/link-out\n',
      differsByClient: 'the client leaves out folders that are ignored',
    },
  ),
  popular(
    'ignore patterns of old repositories',
    raw`
FROM BASE
COPY . /all/
COPY apps/*/src /flat/
`,
    {
      ignore:
        './README.md\n/docs/\n**/.env\n**/src/*.ts\n!apps/web/src/main.ts\nbin/../Gemfile*\n  crates/  \n[a-b]uild\nstorage/??gs\n',
    },
  ),
  popular(
    'another escape character, odd spacing',
    `# escape=\`
FROM BASE
SHELL ["/bin/ash", "-eo", "pipefail", "-c"]
RUN   echo a  |  tr a b \`
   > /piped

env   A=1   B="two words"   C='$A'
Env D $A $B
workdir   /w/$A
copy    html/index.html    conf/redis.conf    ./
expose 80 8000-8002/udp
cmd echo   "spaced   out"
`,
  ),
  popular(
    'package lists that go again',
    raw`
FROM BASE AS one
RUN mkdir -p /var/lib/apt/lists/partial /usr/share/doc/a && touch /var/lib/apt/lists/x /usr/share/doc/a/copyright
FROM one
RUN rm -rf /var/lib/apt/lists/* /usr/share/doc
RUN mkdir -p /usr/share/doc/b && touch /usr/share/doc/b/copyright
RUN cp -r /usr/share/doc /usr/share/docs && rm -r /usr/share/doc && ln -s docs /usr/share/doc
RUN rmdir /var/lib/apt/lists
`,
  ),
  popular(
    'secrets that are not there',
    raw`
FROM BASE
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc test ! -s /root/.npmrc && echo none >/npmrc
RUN --mount=type=ssh true
RUN --mount=type=tmpfs,target=/scratch,size=1m echo x >/scratch/x
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=conformance-apt --mount=type=cache,target=/var/lib/apt,sharing=locked,id=conformance-apt-lib touch /var/lib/apt/y
RUN --network=none ip addr show dev eth0 >/dev/null 2>&1 || echo isolated >/net
`,
  ),
];
