/** The command behind the lenses of Dockerfiles: builds an image, up to a stage of its Dockerfile. */
import path from 'node:path';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { buildImage } from '../build/build-image.ts';
import { imageTag } from '../build/image-tag.ts';
import { labelInText } from '../hosts/saved-host.ts';
import type { Command } from './command.ts';
import { activeConnection, type CommandDeps } from './deps.ts';
import { asFile } from './file-target.ts';

const CHANNEL = 'Slipway Build';

/** @param args of a lens: the Dockerfile's URI, the stage's name or number, and whether it is the last one */
async function build(deps: CommandDeps, args: readonly unknown[]): Promise<void> {
  const [target, stage, isLast] = args;
  const dockerfile = asFile(target);
  if (dockerfile === undefined) {
    throw new EngineError(
      'invalid',
      'Open a Dockerfile that is on disk, and choose “Build image” above its last stage.',
    );
  }
  const connection = activeConnection(deps, 'build an image');
  const context = await pickContext(deps, dockerfile);
  if (context === undefined) return;
  await deps.ui.save(dockerfile);
  const wanted = typeof stage === 'string' && isLast !== true ? stage : undefined;
  const tag = imageTag(context, dockerfile, wanted);
  const channel = deps.ui.channel(CHANNEL);
  channel.show();
  channel.appendLine(
    `\nBuilding ${tag} on ${labelInText(connection.label)} from ${dockerfile}, with the context ${context}`,
  );
  try {
    await deps.ui.progress(`Building ${tag}`, (report, signal) =>
      buildImage(
        connection,
        { context, dockerfile, tag, query: { target: wanted } },
        { signal, report, log: (text) => channel.append(text) },
      ),
    );
  } catch (error) {
    const cancelled = error instanceof EngineError && error.code === 'cancelled';
    channel.appendLine(cancelled ? 'Cancelled: nothing was tagged.' : messageOf(error));
    if (cancelled) throw error;
    deps.ui.error(messageOf(error), { label: 'Show Build Output', run: () => channel.show() });
    return;
  }
  channel.appendLine(`${tag} is built.`);
  deps.ui.info(`${connection.label}: ${tag} is built.`);
}

/** The Dockerfile's own folder, or the open folder that it is somewhere in. */
async function pickContext(deps: CommandDeps, dockerfile: string): Promise<string | undefined> {
  const own = path.dirname(dockerfile);
  const around = deps.folders().find((folder) => own.startsWith(`${folder}${path.sep}`));
  if (around === undefined) return own;
  return await deps.ui.pick(
    `Build ${path.relative(around, dockerfile)}`,
    [around, own].map((value) => ({ label: path.basename(value), description: value, icon: 'folder', value })),
    { placeholder: 'Which folder are the paths of COPY and ADD in (the build context)?' },
  );
}

export const buildStageCommand: Command<CommandDeps> = {
  id: 'slipway.buildStage',
  title: 'Build Image',
  icon: 'tools',
  palette: 'never',
  places: [
    { menu: 'explorer/context', when: 'resourceLangId == dockerfile', group: '7_slipway@1' },
    { menu: 'editor/context', when: 'resourceLangId == dockerfile', group: '7_slipway@1' },
  ],
  handler: (deps, target, _selection, args = [target]) => build(deps, args),
};
