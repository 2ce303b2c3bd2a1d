import { resizeTerminal } from '../runtime/control.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';

/** `POST /containers/{id}/resize` */
export async function resizeContainer(
  context: ContainerContext,
  reference: string,
  rows: number,
  columns: number,
): Promise<void> {
  const container = context.store.find(reference);
  checkVerb('resize', container.record.state.status, container.id);
  if (container.record.config.Tty) await resizeTerminal(context.runtime.bundle(container.id), rows, columns);
  publish(context, container, 'resize', { height: String(rows), width: String(columns) });
}
