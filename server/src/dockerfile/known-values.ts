/** What is often written in Dockerfiles: offered, never demanded. Value -> what it is. */

export const PORTS: ReadonlyMap<string, string> = new Map([
  ['80', 'HTTP'],
  ['443', 'HTTPS'],
  ['3000', 'Node.js, Rails, Grafana'],
  ['5000', 'Flask, registry'],
  ['8000', 'Django, Uvicorn'],
  ['8080', 'HTTP, unprivileged'],
  ['8443', 'HTTPS, unprivileged'],
  ['9000', 'PHP-FPM'],
  ['9090', 'Prometheus'],
  ['22', 'SSH'],
  ['53', 'DNS'],
  ['3306', 'MySQL, MariaDB'],
  ['5432', 'PostgreSQL'],
  ['6379', 'Redis'],
  ['27017', 'MongoDB'],
  ['5672', 'RabbitMQ'],
  ['9092', 'Kafka'],
  ['9200', 'Elasticsearch'],
  ['9229', 'Node.js inspector'],
]);

/** OCI image specification, "Annotations". */
export const LABELS: ReadonlyMap<string, string> = new Map([
  ['org.opencontainers.image.created', 'When the image was built: a date and time as in RFC 3339.'],
  ['org.opencontainers.image.authors', 'Who is responsible for the image, and how to reach them.'],
  ['org.opencontainers.image.url', 'Where to find out more about the image.'],
  ['org.opencontainers.image.documentation', 'Where the documentation is.'],
  ['org.opencontainers.image.source', 'Where the sources are.'],
  ['org.opencontainers.image.version', 'Version of the packaged software.'],
  ['org.opencontainers.image.revision', 'Source control revision that was packaged.'],
  ['org.opencontainers.image.vendor', 'The organisation that distributes the image.'],
  ['org.opencontainers.image.licenses', 'Licenses, as an SPDX expression.'],
  ['org.opencontainers.image.ref.name', 'Name of the reference.'],
  ['org.opencontainers.image.title', 'Title for people.'],
  ['org.opencontainers.image.description', 'What the software does, for people.'],
  ['org.opencontainers.image.base.name', 'The image that this one is based on.'],
  ['org.opencontainers.image.base.digest', 'Digest of the image that this one is based on.'],
]);

export const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['PATH', 'Folders in which programs are looked for.'],
  ['LANG', 'Language and encoding, for example `C.UTF-8`.'],
  ['TZ', 'Time zone, for example `Europe/Berlin`.'],
  ['HOME', 'Home folder of the user.'],
  ['NODE_ENV', '`production` leaves out what only development needs.'],
  ['PYTHONUNBUFFERED', '`1`: Python’s output is seen at once.'],
  ['PYTHONDONTWRITEBYTECODE', '`1`: Python writes no `.pyc` files.'],
  ['PIP_NO_CACHE_DIR', '`1`: pip keeps no downloads.'],
  ['CGO_ENABLED', '`0`: Go makes static programs.'],
  ['GOFLAGS', 'Flags of every `go` command.'],
  ['JAVA_TOOL_OPTIONS', 'Options of every JVM.'],
  ['ASPNETCORE_URLS', 'Addresses that ASP.NET Core listens on.'],
]);

export const SYNTAXES: ReadonlyMap<string, string> = new Map([
  ['docker/dockerfile:1', 'The newest stable version 1.'],
  ['docker/dockerfile:1-labs', 'The newest version 1 with features that are being tried out.'],
]);

export const MODES: ReadonlyMap<string, string> = new Map([
  ['755', 'All may read and execute, the owner may write.'],
  ['644', 'All may read, the owner may write.'],
  ['600', 'The owner alone may read and write.'],
  ['u=rwX,go=rX', 'All may read and enter folders, the owner may write.'],
]);

/** Users that well-known images bring along besides root. */
const IMAGE_USERS: Readonly<Record<string, readonly string[]>> = {
  node: ['node'],
  nginx: ['nginx'],
  'nginx-unprivileged': ['nginx'],
  httpd: ['www-data'],
  php: ['www-data'],
  postgres: ['postgres'],
  mysql: ['mysql'],
  mariadb: ['mysql'],
  redis: ['redis'],
  memcached: ['memcache'],
  mongo: ['mongodb'],
  rabbitmq: ['rabbitmq'],
  elasticsearch: ['elasticsearch'],
  jenkins: ['jenkins'],
  haproxy: ['haproxy'],
  caddy: ['caddy'],
  traefik: ['nobody'],
  gradle: ['gradle'],
  ubuntu: ['ubuntu', 'www-data'],
  debian: ['www-data'],
};

/** @param image as in FROM, with registry and tag or without */
export function usersOf(image: string): readonly string[] {
  if (/nonroot|distroless/.test(image)) return ['nonroot'];
  if (/\bdotnet\b/.test(image)) return ['app'];
  const name = image
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .replace(/^.*\//, '');
  return IMAGE_USERS[name] ?? [];
}
