import type { Container } from './container.ts';
import type { ContainerContext } from './context.ts';

const LOOK_MS = 500;
/** conmon tells of an end within milliseconds: after so many looks at a process that is gone, it is gone as well. */
const LOOKS = 10;
const KILLED = 137;

/** Waits until the end of a container that was sent SIGKILL has been dealt with, also when its conmon was killed before. */
export async function untilSettled(context: ContainerContext, container: Container): Promise<void> {
  const { run } = container;
  const { process } = container.record.state;
  if (run === undefined) return;
  let gone = 0;
  const look = setInterval(() => {
    const alive = process !== undefined && context.runtime.alive(process);
    gone = alive ? 0 : gone + 1;
    if (gone === LOOKS) context.exits.declare(container.id, KILLED);
  }, LOOK_MS);
  try {
    await run.settled;
  } finally {
    clearInterval(look);
  }
}
