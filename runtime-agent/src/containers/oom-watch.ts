/** Containers with a limit of memory are looked at while they run: a process of theirs may be killed and they live on. */
import { type Container, nextMoment } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { type OomState, oomState } from './oom.ts';

/** The kernel tells of it by a descriptor that Node cannot make (cgroup v1); a look costs one read of a file without a disk. */
const LOOK_MS = 1000;

/** Ends with the container. */
export function watchForOom(context: ContainerContext, container: Container): void {
  if (!container.record.hostConfig.Memory) return;
  // What happened while no engine ran is told by the next one.
  let seen: OomState = container.record.state.oomKilled ? oomState(container.record) : { kills: 0, waiting: false };
  const look = (): void => {
    const now = oomState(container.record);
    const isNews = now.kills > seen.kills || (now.waiting && !seen.waiting);
    seen = now;
    if (!isNews) return;
    context.store.save(container, { state: { ...container.record.state, oomKilled: true } });
    publish(context, container, 'oom');
  };
  const timer = setInterval(look, LOOK_MS).unref();
  void nextMoment(container, 'ended').then(() => clearInterval(timer));
}
