import type { Location, Occurrence } from '../language.ts';
import type { DockerfileDocument } from './document.ts';
import { stageAt } from './occurrences.ts';
import { targetsElsewhere } from './stage-targets.ts';

/** Of a stage: the Compose files and devcontainer.json that build it. */
export function occurrencesElsewhere(document: DockerfileDocument, offset: number): (Location & Occurrence)[] {
  const name = stageAt(document, offset)?.stage.name?.text;
  if (name === undefined) return [];
  return targetsElsewhere(document.source, name).map((location) => ({ ...location, kind: 'use' }));
}
