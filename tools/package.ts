/** `npm run package`: dist/slipway.vsix, installable in any VS Code, with everything bundled. */
import { globSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build.ts';
import { progressOn } from './setup/progress.ts';
import { bringUnixSockets } from './setup/unix-socket.ts';

const root = path.resolve(import.meta.dirname, '..');
const MEGABYTE = 1_000_000;

/** Builds what is out of date and packages it. @returns the package's path */
export async function packageExtension(): Promise<string> {
  await bringUnixSockets(progressOn());
  await buildAll();
  const packagePath = path.join(root, 'dist', 'slipway.vsix');
  await mkdir(path.dirname(packagePath), { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false, // they are bundled
    allowMissingRepository: true,
    skipLicense: true,
    rewriteRelativeLinks: false,
  });
  return packagePath;
}

if (import.meta.main) {
  const file = await packageExtension();
  const { size } = await stat(file);
  const modules = globSync('node-unix-socket-linux-*', { cwd: path.join(root, 'dist/agent/node_modules') });
  const platforms = modules.map((name) => name.replace('node-unix-socket-linux-', '')).sort();
  console.log(`package: ${path.relative(process.cwd(), file)} (${(size / MEGABYTE).toFixed(1)} MB)`);
  console.log(
    `package: the engine in it runs on ${platforms.join(', ')}; other hosts fetch its native module from npm`,
  );
}
