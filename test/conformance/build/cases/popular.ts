/** Dockerfiles in the manner of widely used images and repositories: how they are put together, with our own words in them. */
import type { BuildCase, ContextEntry } from '../build-case.ts';

const script = (...lines: string[]): ContextEntry => ({ content: ['#!/bin/sh', ...lines, ''].join('\n'), mode: 0o755 });

const FILES: Readonly<Record<string, ContextEntry>> = {
  'docker-entrypoint.sh': script('set -e', 'exec "$@"'),
  'docker-php-ext-install': script('for ext; do echo "$ext" >>/usr/local/etc/php/conf.d/ext.ini; done'),
  'conf/nginx.conf': 'worker_processes auto;\n',
  'conf/conf.d/default.conf': 'server { listen 80; }\n',
  'conf/redis.conf': 'save ""\n',
  'html/index.html': '<h1>it works</h1>\n',
  'html/assets/app.css': 'body {}\n',
  'html/assets/.keep': '',
  'package.json': '{"name":"root","workspaces":["packages/*","apps/*"]}\n',
  'pnpm-lock.yaml': 'lockfileVersion: 9\n',
  'packages/ui/package.json': '{"name":"ui"}\n',
  'packages/ui/src/index.ts': 'export {}\n',
  'packages/ui/node_modules/x/index.js': 'x\n',
  'apps/web/package.json': '{"name":"web"}\n',
  'apps/web/src/main.ts': 'main()\n',
  'apps/api/package.json': '{"name":"api"}\n',
  'apps/api/src/main.ts': 'api()\n',
  'apps/api/.env': 'SECRET=1\n',
  'apps/api/README.md': 'api\n',
  'README.md': 'readme\n',
  'docs/guide.md': 'guide\n',
  'docs/keep.md': 'keep\n',
  'go.mod': 'module example.test/app\n',
  'go.sum': '',
  'cmd/server/main.go': 'package main\n',
  'internal/db/db.go': 'package db\n',
  Gemfile: "source 'x'\n",
  'Gemfile.lock': 'GEM\n',
  'config.ru': 'run App\n',
  'bin/rails': script('echo rails "$@"'),
  'bin/docker-entrypoint': script('exec "${@}"'),
  'composer.json': '{}\n',
  'composer.lock': '{}\n',
  artisan: script('echo artisan'),
  'storage/logs/.gitignore': '*\n',
  'pyproject.toml': '[project]\n',
  'uv.lock': 'version = 1\n',
  'src/pkg/__init__.py': '',
  'src/pkg/__main__.py': 'print(1)\n',
  'manage.py': script('echo manage'),
  gradlew: script('mkdir -p build/libs && echo jar >build/libs/app.jar'),
  'settings.gradle.kts': '\n',
  'build/old.txt': 'old\n',
  'target/app.jar': 'jar\n',
  'target/app.jar.original': 'jar\n',
  'Cargo.toml': '[workspace]\n',
  'Cargo.lock': '\n',
  'crates/a/Cargo.toml': '[package]\n',
  'crates/a/src/lib.rs': '\n',
  'sub/link-out': { link: '../README.md' },
  'cron.txt': '* * * * * true\n',
};

interface Extra {
  readonly ignore?: string;
  readonly args?: readonly string[];
  readonly differs?: string;
  readonly differsByClient?: string;
}

export const popular = (name: string, dockerfile: string, { ignore, ...more }: Extra = {}): BuildCase => ({
  name: `popular: ${name}`,
  dockerfile: `${dockerfile.trim()}\n`.replaceAll('BASE', 'conformance-busybox'),
  files: ignore === undefined ? FILES : { ...FILES, '.dockerignore': ignore },
  args: [],
  ...more,
});
