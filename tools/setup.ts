/** `npm run setup`: everything that building, running and testing need, and nothing twice. */
import { bringDockerCli } from './setup/docker-cli.ts';
import { ENGINE_PACKAGES, IMAGE_PACKAGES, installPackages, TEST_PACKAGES } from './setup/host-packages.ts';
import { bringIde } from './setup/ide.ts';
import { type Progress, progressOn } from './setup/progress.ts';
import { bringUnixSockets } from './setup/unix-socket.ts';
import { imageNames, makeImages } from './world/images/make.ts';
import { bringRegistry } from './world/registry.ts';

/** What `npm start` needs of the machine; VS Code, and images where no registry answers, it brings itself. */
export async function installForStart(progress: Progress, needs: { readonly engine: boolean }): Promise<void> {
  if (needs.engine) await installPackages(ENGINE_PACKAGES, progress);
  await bringDockerCli(progress);
  await bringUnixSockets(progress);
}

export async function setUpForTests(progress: Progress): Promise<void> {
  await installPackages([...ENGINE_PACKAGES, ...IMAGE_PACKAGES, ...TEST_PACKAGES], progress);
  await bringDockerCli(progress); // apt-get takes one caller at a time
  await bringRegistry(progress);
  await bringUnixSockets(progress);
  await Promise.all([bringIde(progress), makeImages(imageNames(), progress)]);
}

if (import.meta.main) {
  try {
    await setUpForTests(progressOn());
    console.log('setup: everything is in place');
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
