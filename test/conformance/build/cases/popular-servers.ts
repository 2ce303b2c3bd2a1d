/** As images of servers are made. */
import type { BuildCase } from '../build-case.ts';
import { popular } from './popular.ts';

const raw = String.raw;

export const SERVER_CASES: readonly BuildCase[] = [
  popular(
    'nginx',
    raw`
FROM BASE
LABEL maintainer="Maintainers <docker-maint@example.test>"
ENV NGINX_VERSION   1.27.3
ENV NJS_VERSION     0.8.7
ENV PKG_RELEASE     1
RUN set -x \
# create nginx user/group first, to be consistent throughout docker variants
    && addgroup -g 101 -S nginx || true \
    && adduser -S -D -H -u 101 -h /var/cache/nginx -s /sbin/nologin -G nginx -g nginx nginx \
    && apkArch="$(uname -m)" \
    && nginxPackages=" \
        nginx=${'$'}{NGINX_VERSION}-r${'$'}{PKG_RELEASE} \
        nginx-module-njs=${'$'}{NGINX_VERSION}.${'$'}{NJS_VERSION}-r${'$'}{PKG_RELEASE} \
    " \
    && case "$apkArch" in \
        x86_64|aarch64) echo $nginxPackages >/packages ;; \
        *) exit 1 ;; \
    esac \
# forward request and error logs to docker log collector
    && mkdir -p /var/log/nginx \
    && ln -sf /dev/stdout /var/log/nginx/access.log \
    && ln -sf /dev/stderr /var/log/nginx/error.log \
# create a docker-entrypoint.d directory
    && mkdir /docker-entrypoint.d
COPY docker-entrypoint.sh /
COPY conf/conf.d /etc/nginx/conf.d
COPY conf/nginx.conf /etc/nginx/
ENTRYPOINT ["/docker-entrypoint.sh"]
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
`,
  ),
  popular(
    'redis',
    raw`
FROM BASE
RUN set -eux; addgroup -S -g 1000 redis; adduser -S -G redis -u 999 redis
ENV GOSU_VERSION 1.17
RUN set -eux; \
	dpkgArch="$(uname -m | sed 's/x86_64/amd64/')"; \
	printf '#!/bin/sh\nshift; exec "$@"\n' >/usr/local-gosu; \
	chmod +x /usr/local-gosu; \
	/usr/local-gosu nobody true
ENV REDIS_DOWNLOAD_URL http://download.example.test/redis-7.tar.gz
ENV REDIS_DOWNLOAD_SHA 5c76d990a1b1c5f949bcd1eed90d0c8a4f70369bdbdcb40288c561ddf88967a4
RUN mkdir /data && chown redis:redis /data
VOLUME /data
WORKDIR /data
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
EXPOSE 6379
CMD ["redis-server"]
`,
  ),
  popular(
    'postgres',
    raw`
FROM BASE
RUN set -eux; \
	addgroup -S -g 999 postgres; \
	adduser -S -u 999 -G postgres -h /var/lib/postgresql -s /bin/sh postgres; \
	mkdir -p /var/lib/postgresql; \
	chown -R postgres:postgres /var/lib/postgresql
ENV LANG en_US.utf8
RUN mkdir /docker-entrypoint-initdb.d
ENV PG_MAJOR 16
ENV PATH $PATH:/usr/lib/postgresql/$PG_MAJOR/bin
ENV PG_VERSION 16.4-1.pgdg120+1
RUN set -ex; \
	export PYTHONDONTWRITEBYTECODE=1; \
	aptRepo="[ signed-by=/usr/local/share/keyrings/postgres.gpg.asc ] http://apt.example.test bookworm-pgdg main $PG_MAJOR"; \
	mkdir -p /etc/apt/sources.list.d; \
	echo "deb $aptRepo" >/etc/apt/sources.list.d/pgdg.list; \
	[ "$PG_VERSION" = '16.4-1.pgdg120+1' ]
RUN install -d -o postgres -g postgres -m 3777 /var/run/postgresql || { mkdir -p /var/run/postgresql && chown postgres:postgres /var/run/postgresql && chmod 3777 /var/run/postgresql; }
ENV PGDATA /var/lib/postgresql/data
# this 1777 will be replaced by 0700 at runtime
RUN mkdir -p "$PGDATA" && chown -R postgres:postgres "$PGDATA" && chmod 1777 "$PGDATA"
VOLUME /var/lib/postgresql/data
COPY docker-entrypoint.sh /usr/local/bin/
RUN ln -sT /usr/local/bin/docker-entrypoint.sh /usr/local/bin/ensure-initdb || ln -s /usr/local/bin/docker-entrypoint.sh /usr/local/bin/ensure-initdb
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
`,
  ),
  popular(
    'php-apache',
    raw`
FROM BASE
ENV PHPIZE_DEPS \
		autoconf \
		dpkg-dev \
		file
ENV PHP_INI_DIR /usr/local/etc/php
RUN set -eux; mkdir -p "$PHP_INI_DIR/conf.d"; [ ! -d /var/www/html ]; mkdir -p /var/www/html; chmod 1777 /var/www/html
ENV APACHE_CONFDIR /etc/apache2
ENV APACHE_ENVVARS $APACHE_CONFDIR/envvars
ENV PHP_CFLAGS="-fstack-protector-strong -fpic -fpie -O2" \
    PHP_LDFLAGS="-Wl,-O1 -pie"
COPY docker-php-ext-* docker-entrypoint.sh /usr/local/bin/
RUN docker-php-ext-install pdo_mysql opcache
RUN { \
		echo 'opcache.memory_consumption=128'; \
		echo 'opcache.interned_strings_buffer=8'; \
	} > "$PHP_INI_DIR/conf.d/opcache-recommended.ini"
SHELL ["/bin/sh", "-e", "-c"]
RUN mkdir -p $APACHE_CONFDIR; echo ': "\${APACHE_RUN_USER:=www-data}"' >$APACHE_ENVVARS
STOPSIGNAL SIGWINCH
COPY --chown=33:33 composer.* artisan ./html/
WORKDIR /var/www/html
EXPOSE 80/tcp 443
CMD ["apache2-foreground"]
`,
  ),
  popular(
    'entrypoint by heredocs',
    raw`
FROM BASE
COPY --chmod=755 <<'EOF' /usr/local/bin/entrypoint
#!/bin/sh
set -eu
if [ "$1" = 'server' ]; then
  exec /server --port="${'$'}{PORT:-80}"
fi
exec "$@"
EOF
ARG VERSION=dev
COPY <<EOF /etc/build-info
version=$VERSION
home=${'$'}{HOME:-unset}
literal=\$VERSION
EOF
RUN <<EOF
#!/bin/sh
echo "with an interpreter: $0" | sed 's/:.*//' >/interpreter
EOF
RUN sh <<SCRIPT 3<<DATA
cat <&3 >/data
SCRIPT
one
two
DATA
ENTRYPOINT ["entrypoint"]
CMD ["server"]
`,
    { args: ['--build-arg', 'VERSION=1.2.3'] },
  ),
  popular(
    'cron with an overlay of services',
    raw`
FROM BASE AS rootfs-stage
ARG S6_OVERLAY_VERSION="3.2.0.2"
RUN mkdir -p /root-out/etc/s6-overlay/s6-rc.d/user/contents.d /root-out/usr/bin /root-out/command
RUN ln -s /usr/bin/with-contenv /root-out/command/with-contenv && touch /root-out/etc/s6-overlay/s6-rc.d/user/contents.d/cron
FROM scratch AS overlay
COPY --from=rootfs-stage /root-out/ /
FROM BASE
ARG BUILD_DATE
ARG VERSION
LABEL build_version="version:- ${'$'}{VERSION} Build-date:- ${'$'}{BUILD_DATE}"
LABEL maintainer="someone"
ENV PS1="$(whoami)@$(hostname):$(pwd)\\$ " \
  HOME="/root" \
  TERM="xterm" \
  S6_CMD_WAIT_FOR_SERVICES_MAXTIME="0"
COPY --from=overlay / /
COPY --chmod=0600 cron.txt /var/spool/cron/crontabs/root
ENTRYPOINT ["/init"]
`,
    { args: ['--build-arg', 'VERSION=v1', '--build-arg', 'BUILD_DATE=2024-01-01'] },
  ),
];
