/** Whether the SSH host of `npm start -- --ssh HOST` is there: said before anything is set up for it. */
import { defaultSources, resolveSshTarget } from '../../client/src/hosts/ssh/config.ts';
import { dialTcp } from '../../client/src/hosts/ssh/transport.ts';

/** One behind others or a proxy command is asked by who connects to it. Throws with a message for the person. */
export async function reachSshHost(name: string, sources = defaultSources()): Promise<void> {
  const target = resolveSshTarget(name, sources);
  if (target.jumps.length > 0 || target.proxyCommand !== undefined) return;
  try {
    (await dialTcp(target)).destroy();
  } catch (error) {
    throw new Error(`--ssh ${name}: ${(error as Error).message}`, { cause: error });
  }
}
