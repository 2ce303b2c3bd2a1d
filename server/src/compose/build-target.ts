/** `build.target` of a service: a stage of a Dockerfile that is another file. */
import { pathToFileURL } from 'node:url';
import { touches } from '#model/text/span.ts';
import { type DockerfileDocument, readDockerfile } from '../dockerfile/document.ts';
import { stageReferences } from '../dockerfile/stage-references.ts';
import { stageReferred } from '#model/dockerfile/syntax/stages.ts';
import { type StageTarget, targetsElsewhere, targetsOfCompose } from '../dockerfile/stage-targets.ts';
import { createLineIndex } from '#model/text/line-index.ts';
import type { Location, Occurrence } from '../language.ts';
import type { ComposeDocument } from './document.ts';

export function targetAt({ root, source }: ComposeDocument, offset: number): StageTarget | undefined {
  return targetsOfCompose(root, source.path ?? '').find(({ span }) => touches(span, offset));
}

/** Every place of the stage that the target means: in its Dockerfile and in all files that build it, this one too. */
export function targetOccurrences({ source }: ComposeDocument, target: StageTarget): (Location & Occurrence)[] {
  const dockerfile = readTarget(source, target);
  if (dockerfile === undefined) return [];
  const { stages, source: of, text } = dockerfile;
  const stage = stages.findLast(({ name }) => name?.text.toLowerCase() === target.name.toLowerCase());
  if (stage?.name === undefined) return [];
  const found: (Location & Occurrence)[] = [{ uri: of.uri, text, span: stage.name.span, kind: 'definition' }];
  for (const use of stageReferences(stages)) {
    const means = use.by === 'FROM' ? use.stage.base : stageReferred(stages, use.text, use.stage.index);
    if (means === stage && !/^\d+$/.test(use.text)) found.push({ uri: of.uri, text, span: use.span, kind: 'use' });
  }
  const others = targetsElsewhere(of, target.name).map((one): Location & Occurrence => ({ ...one, kind: 'use' }));
  return [...found, ...others];
}

function readTarget(source: ComposeDocument['source'], { dockerfile }: StageTarget): DockerfileDocument | undefined {
  const text = source.files.read(dockerfile);
  if (text === undefined) return undefined;
  const uri = pathToFileURL(dockerfile).href;
  return readDockerfile({ ...source, uri, path: dockerfile, text, lines: createLineIndex(text) });
}
