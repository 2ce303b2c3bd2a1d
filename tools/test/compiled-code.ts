/** Every test and every engine in a test is a Node process of its own: what one has compiled the next one finds. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { cachePath } from '../setup/cache.ts';

/** Each version of each file adds an entry; beyond that many bytes all are forgotten. */
const LIMIT = 300_000_000;

/** For all processes started afterwards. */
export async function keepCompiledCode(folder = cachePath('compiled-for-tests'), limit = LIMIT): Promise<void> {
  if ((await sizeOf(folder)) > limit) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  process.env['NODE_COMPILE_CACHE'] = folder;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(path.join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
