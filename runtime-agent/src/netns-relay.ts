/** The program of the helper in a container's network namespace. A bundle of its own: it starts in no time and stays small. */
import { messageOf } from '#model/engine-api/errors.ts';
import { runNetnsRelay } from './debug/netns-relay.ts';

try {
  process.exitCode = await runNetnsRelay(process.argv.slice(2));
} catch (error) {
  console.error(`slipway: ${messageOf(error)}`);
  process.exit(1);
}
