import { test } from 'node:test';
import { dockerfile } from '../rule-check.ts';
import { packageCacheMount } from './package-cache-mount.ts';

const { reports, fixes } = dockerfile();
const message = (program: string, folders: string): string =>
  `'${program}' downloads everything again in the next build: add a cache mount at ${folders}`;

test('every package manager, with what it is called to do', () => {
  for (const [program, rest, folders] of [
    ['npm', 'ci', '/root/.npm'],
    ['npm', 'i -g x@1', '/root/.npm'],
    ['cargo', 'build --release', '/usr/local/cargo/registry'],
    ['go', 'mod download', '/go/pkg/mod and /root/.cache/go-build'],
    ['mvn', '-B package', '/root/.m2'],
    ['./gradlew', 'build', '/root/.gradle'],
    ['composer', 'install', '/root/.composer/cache'],
    ['dotnet', 'restore', '/root/.nuget/packages'],
    ['nuget', 'restore', '/root/.nuget/packages'],
    ['pnpm', 'install', '/root/.local/share/pnpm/store'],
    ['mix', 'deps.get', '/root/.hex and /root/.mix'],
    ['bundle', 'install', '/usr/local/bundle/cache'],
    ['gem', 'install x:1', '/usr/local/bundle/cache'],
  ] as const) {
    reports(packageCacheMount, `FROM a:1\nRUN «${program}» ${rest}\n`, message(program, folders));
    reports(packageCacheMount, `FROM a:1\nONBUILD RUN make && «${program}» ${rest}\n`, message(program, folders));
  }
});

test('with a mount, or when nothing is fetched', () => {
  for (const run of [
    '--mount=type=cache,target=/root/.npm npm ci',
    '--mount=type=cache,dst=/home/me/.npm,uid=1000 npm ci',
    '--mount=type=tmpfs,target=/root/.npm npm ci',
    '--mount=type=cache,target=/root/.cargo/git cargo build',
    '--mount=type=cache,target=/go/pkg/mod go build',
    'npm start',
    'go version',
    'mvn -version',
    'cargo --version',
  ]) {
    reports(packageCacheMount, `FROM a:1\nRUN ${run}\n`);
  }
  reports(packageCacheMount, 'FROM a:1\nRUN --mount=type=secret,id=x «npm» ci\n', message('npm', '/root/.npm'));
});

test('the mount is put in', () => {
  fixes(packageCacheMount, 'FROM a:1\nRUN npm ci\n', 'FROM a:1\nRUN --mount=type=cache,target=/root/.npm npm ci\n');
  fixes(
    packageCacheMount,
    'FROM a:1\nONBUILD RUN go build .\n',
    'FROM a:1\nONBUILD RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build .\n',
  );
});
