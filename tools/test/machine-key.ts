/** What the outcome of all tests depends on, most of it outside of the repository. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { dockerCli } from '../setup/docker-cli.ts';
import { cachePath } from '../setup/cache.ts';

const PACKAGES = '/var/lib/dpkg/status';

/**
 * Node, npm packages, how bundles are made, kernel, who we are, Debian packages (runc, conmon, nftables, chromium, sshd …), and what set-up has
 * brought besides: a `docker`, a registry, a VS Code, images.
 * @param root of the repository
 */
export async function machineKey(root: string): Promise<string> {
  const docker = await dockerCli();
  const hash = createHash('sha256');
  for (const part of [
    process.version,
    process.arch,
    release(),
    String(process.getuid?.()),
    contentOf(path.join(root, 'package-lock.json')),
    contentOf(path.join(root, 'tools/build.ts')),
    contentOf(PACKAGES),
    ...(docker === undefined ? [] : [docker, versionOf(docker)]),
    ...broughtBySetup(),
  ])
    hash.update(part).update('\0');
  return hash.digest('hex');
}

function broughtBySetup(): string[] {
  const folder = cachePath();
  const names = entriesOf(folder).filter((name) => /^(docker-|ide-|images$|unix-socket-)/.test(name));
  const places = names.flatMap((name) => [
    name,
    ...entriesOf(path.join(folder, name)).map((each) => `${name}/${each}`),
  ]);
  return places.sort().map((place) => `${place} ${versionOf(path.join(folder, place))}`);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.size} ${stat.mtimeMs}`;
}
