/** `npm run package`: dist/slipway.vsix, installable in any VS Code, with everything bundled. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { buildAll } from './build.ts';

const root = path.resolve(import.meta.dirname, '..');
const MEGABYTE = 1_000_000;

/** Builds what is out of date and packages it. @returns the package's path */
export async function packageExtension(): Promise<string> {
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
  console.log(`package: ${path.relative(process.cwd(), file)} (${(size / MEGABYTE).toFixed(1)} MB)`);
}
