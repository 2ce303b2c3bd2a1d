import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { checkName } from './names.ts';

function newName(wanted: string): string {
  try {
    return checkName(wanted.startsWith('/') ? wanted : `/${wanted}`);
  } catch (error) {
    throw new EngineError('invalid', `Error when allocating new name: ${messageOf(error)}`, { cause: error });
  }
}

function reserve(context: ContainerContext, name: string, id: string): void {
  try {
    context.store.reserve(name, id);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, `Error when allocating new name: ${error.message}`, { cause: error });
  }
}

/** `POST /containers/{id}/rename` */
export async function renameContainer(context: ContainerContext, reference: string, wanted: string): Promise<void> {
  if (wanted === '') throw new EngineError('invalid', 'Neither old nor new names may be empty');
  const container = context.store.find(reference);
  const name = newName(wanted);
  await container.lock.run(async () => {
    const old = container.record.name;
    if (name === old) {
      throw new EngineError('invalid', 'Renaming a container with the same name as its current name');
    }
    checkVerb('rename', container.record.state.status, container.id);
    reserve(context, name, container.id);
    context.store.save(container, { name });
    context.store.release(old);
    context.networks.rename(container.id, name);
    publish(context, container, 'rename', { oldName: `/${old}` });
  });
}
