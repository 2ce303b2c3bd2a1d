/** As programs of one language or another are built. */
import type { BuildCase } from '../build-case.ts';
import { popular } from './popular.ts';

const raw = String.raw;

export const LANGUAGE_CASES: readonly BuildCase[] = [
  popular(
    'python with venv',
    raw`
FROM BASE AS builder
ENV VIRTUAL_ENV=/opt/venv
ENV PATH="$VIRTUAL_ENV/bin:$PATH"
WORKDIR /src
RUN --mount=type=cache,target=/root/.cache/pip,id=conformance-pip \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    mkdir -p $VIRTUAL_ENV/bin $VIRTUAL_ENV/lib/python3/site-packages && \
    ln -s /usr/bin/python3 $VIRTUAL_ENV/bin/python && cp pyproject.toml $VIRTUAL_ENV/
COPY src src
RUN cp -r src/pkg $VIRTUAL_ENV/lib/python3/site-packages/
FROM BASE AS runtime
ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
RUN adduser -D -u 1001 app
COPY --from=builder --chown=app:app ${'$'}{VIRTUAL_ENV} ${'$'}{VIRTUAL_ENV}
USER app
WORKDIR /home/app
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s --start-interval=1s --retries=3 CMD python -c "import urllib.request" || exit 1
CMD ["python", "-m", "pkg"]
`,
  ),
  popular(
    'python with uv',
    raw`
FROM BASE AS uv
RUN printf '#!/bin/sh\necho "$@" >>.uv-log\n' >/uv && chmod 755 /uv && cp /uv /uvx
FROM BASE
COPY --from=uv /uv /uvx /bin/
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/uv,id=conformance-uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --frozen --no-install-project --no-dev
ADD . /app
RUN --mount=type=cache,target=/root/.cache/uv,id=conformance-uv uv sync --frozen --no-dev
ENV PATH="/app/.venv/bin:$PATH"
ENTRYPOINT []
CMD ["fastapi", "dev", "--host", "0.0.0.0", "src/app"]
`,
    { ignore: '.git\n.venv\n**/node_modules\n__pycache__/\n' },
  ),
  popular(
    'django behind gunicorn',
    raw`
ARG PYTHON_VERSION=3.12-slim
FROM BASE as python
# Python build stage
FROM python as python-build-stage
ARG BUILD_ENVIRONMENT=production
RUN mkdir -p /usr/src/app/wheels && echo ${'$'}{BUILD_ENVIRONMENT}.txt >/usr/src/app/wheels/a.whl
FROM python as python-run-stage
ARG BUILD_ENVIRONMENT=production
ARG APP_HOME=/app
ENV PYTHONUNBUFFERED=1
ENV BUILD_ENV=${'$'}{BUILD_ENVIRONMENT}
WORKDIR ${'$'}{APP_HOME}
RUN addgroup -S django && adduser -S -G django django
COPY --from=python-build-stage /usr/src/app/wheels  /wheels/
RUN cp /wheels/* /installed-wheel && rm -rf /wheels/
COPY --chown=django:django ./docker-entrypoint.sh /entrypoint
RUN sed -i 's/\r$//g' /entrypoint
RUN chmod +x /entrypoint
COPY --chown=django:django . ${'$'}{APP_HOME}
RUN chown django:django ${'$'}{APP_HOME}
USER django
ENTRYPOINT ["/entrypoint"]
`,
    { ignore: '*\n!manage.py\n!src\n!docker-entrypoint.sh\nsrc/**/__main__.py\n' },
  ),
  popular(
    'go with cache mounts and a static image',
    raw`
ARG GO_VERSION=1.23
ARG XX_VERSION=1.4.0
FROM --platform=$BUILDPLATFORM BASE AS build
ARG TARGETOS TARGETARCH TARGETVARIANT
WORKDIR /src
RUN --mount=type=cache,target=/go/pkg/mod/,id=conformance-gomod --mount=type=bind,source=go.sum,target=go.sum --mount=type=bind,source=go.mod,target=go.mod cat go.mod >/dev/null
RUN --mount=type=cache,target=/root/.cache/go-build,id=conformance-gobuild --mount=type=bind,target=. \
    mkdir -p /out && CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH sh -c 'echo "$GOOS/$GOARCH" >/out/server'
RUN mkdir -p /rootfs/etc /rootfs/tmp && chmod 1777 /rootfs/tmp && echo 'nonroot:x:65532:65532::/home/nonroot:/sbin/nologin' >/rootfs/etc/passwd
FROM scratch AS binaries
COPY --link --from=build /out /
FROM scratch
COPY --from=build /rootfs /
COPY --from=binaries /server /bin/server
USER 65532:65532
EXPOSE 8080/tcp
ENTRYPOINT ["/bin/server"]
`,
  ),
  popular(
    'rust with a recipe',
    raw`
FROM BASE AS chef
WORKDIR /app
FROM chef AS planner
COPY Cargo.toml Cargo.lock crates/*/Cargo.toml ./
RUN find . -name Cargo.toml | sort >recipe.json
FROM chef AS builder
COPY --from=planner /app/recipe.json recipe.json
RUN mkdir -p target/release/deps && cp recipe.json target/release/deps/
COPY crates crates
COPY Cargo.* .
RUN cat crates/*/src/*.rs >target/release/app && chmod +x target/release/app
FROM BASE AS runtime
WORKDIR /app
COPY --from=builder /app/target/release/app /usr/local/bin
ENTRYPOINT ["/usr/local/bin/app"]
`,
  ),
  popular(
    'spring boot in layers',
    raw`
FROM BASE as builder
WORKDIR application
ARG JAR_FILE=target/*.jar
COPY ${'$'}{JAR_FILE} application.jar
RUN mkdir -p dependencies/BOOT-INF/lib spring-boot-loader/org snapshot-dependencies application/BOOT-INF/classes \
 && cp application.jar dependencies/BOOT-INF/lib/a.jar && touch spring-boot-loader/org/Launcher.class application/BOOT-INF/classes/App.class
FROM BASE
VOLUME /tmp
WORKDIR application
COPY --from=builder application/dependencies/ ./
COPY --from=builder application/spring-boot-loader/ ./
COPY --from=builder application/snapshot-dependencies/ ./
COPY --from=builder application/application/ ./
ENV JAVA_OPTS="-Xmx256m" SPRING_PROFILES_ACTIVE=prod
ENTRYPOINT exec java $JAVA_OPTS -Djava.security.egd=file:/dev/./urandom org.springframework.boot.loader.JarLauncher
`,
  ),
  popular(
    'gradle wrapper',
    raw`
FROM BASE AS build
WORKDIR /home/gradle/src
COPY --chown=1000:1000 gradlew *.kts ./
USER 1000
RUN --mount=type=cache,target=/home/gradle/.gradle,id=conformance-gradle,uid=1000,gid=1000 echo x >/home/gradle/.gradle/x; id -u >/tmp/uid
USER root
RUN ./gradlew --no-daemon build -x test
FROM BASE
COPY --from=build /home/gradle/src/build/libs/*.jar /app/app.jar
COPY --from=build /tmp/uid /tmp/
EXPOSE 8080
ENTRYPOINT ["java","-jar","/app/app.jar"]
`,
    { ignore: 'build\n**/*.md\n' },
  ),
  popular(
    'rails',
    raw`
ARG RUBY_VERSION=3.3.5
FROM BASE AS base
WORKDIR /rails
ENV RAILS_ENV="production" \
    BUNDLE_DEPLOYMENT="1" \
    BUNDLE_PATH="/usr/local/bundle" \
    BUNDLE_WITHOUT="development"
FROM base AS build
COPY Gemfile Gemfile.lock ./
RUN mkdir -p "${'$'}{BUNDLE_PATH}"/ruby/3.3.0/cache ~/.bundle && echo gem >"${'$'}{BUNDLE_PATH}"/ruby/3.3.0/gem && \
    rm -rf ~/.bundle/ "${'$'}{BUNDLE_PATH}"/ruby/*/cache
COPY . .
RUN SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile >public-assets
FROM base
COPY --from=build "${'$'}{BUNDLE_PATH}" "${'$'}{BUNDLE_PATH}"
COPY --from=build /rails /rails
RUN mkdir -p db log storage tmp && addgroup --system --gid 1000 rails && \
    adduser -S -u 1000 -G rails -s /bin/sh rails && \
    chown -R rails:rails db log storage tmp
USER 1000:1000
ENTRYPOINT ["/rails/bin/docker-entrypoint"]
EXPOSE 3000
CMD ["./bin/rails", "server"]
`,
    { ignore: '/.git/\n/log/*\n/tmp/*\n!/log/.keep\n/storage/*\n!/storage/logs\n/html\n/docs\n' },
  ),
  popular(
    'laravel with composer from another image',
    raw`
FROM BASE AS composer
RUN printf '#!/bin/sh\nmkdir -p vendor && echo ok >vendor/autoload.php\n' >/usr-composer && chmod +x /usr-composer
FROM BASE AS vendor
WORKDIR /app
COPY --from=composer /usr-composer /bin/composer
COPY composer.json composer.lock ./
RUN composer install --no-dev --no-interaction --prefer-dist --no-scripts
FROM BASE AS app
WORKDIR /var/www
COPY --chown=82:82 . .
COPY --from=vendor --chown=82:82 /app/vendor ./vendor
RUN chmod -R ug+rwX,o-rwx storage && find storage -type d -exec chmod g+s {} +
USER 82
CMD ["php-fpm"]
`,
  ),
  popular(
    'dotnet style',
    raw`
FROM BASE AS base
USER 1654
WORKDIR /app
EXPOSE 8080
EXPOSE 8081
FROM BASE AS build
ARG BUILD_CONFIGURATION=Release
WORKDIR /src
COPY ["apps/api/package.json", "apps/api/"]
RUN echo restored > "./apps/api/obj"
COPY . .
WORKDIR "/src/./apps/api"
RUN mkdir -p /app/build && echo -c $BUILD_CONFIGURATION >/app/build/api.dll
FROM build AS publish
ARG BUILD_CONFIGURATION=Release
RUN mkdir -p /app/publish && cp /app/build/api.dll /app/publish/
FROM base AS final
WORKDIR /app
COPY --from=publish /app/publish .
ENTRYPOINT ["dotnet", "api.dll"]
`,
  ),
  popular(
    'elixir release with arguments between',
    raw`
ARG ELIXIR_VERSION=1.17.2
ARG DEBIAN_VERSION=bookworm
ARG RUNNER_IMAGE="BASE"
FROM ${'$'}{RUNNER_IMAGE} AS builder
RUN echo "${'$'}{ELIXIR_VERSION:-none}-${'$'}{DEBIAN_VERSION:+set}" >/v
ENV MIX_ENV="prod"
RUN mkdir -p /app/_build/${'$'}{MIX_ENV}/rel/app/bin && touch /app/_build/prod/rel/app/bin/server && chmod 550 /app/_build/prod/rel/app/bin/server
FROM ${'$'}{RUNNER_IMAGE}
ENV LANG=en_US.UTF-8
ENV LANGUAGE=en_US:en
ENV LC_ALL=en_US.UTF-8
WORKDIR "/app"
RUN chown nobody /app
COPY --from=builder --chown=nobody:root /app/_build/prod/rel/app /v ./
USER nobody
CMD ["/app/bin/server"]
`,
  ),
];
