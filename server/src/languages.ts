import { COMPOSE } from './compose/language.ts';
import { DEVCONTAINER } from './devcontainer/language.ts';
import { DOCKERFILE } from './dockerfile/language.ts';
import { DOCKERIGNORE } from './dockerignore/language.ts';
import type { Language } from './language.ts';

/** The languages that the linter knows. The first that owns a document has it. */
export const LANGUAGES: readonly Language<unknown>[] = [DOCKERFILE, COMPOSE];

/** Those that the server knows. An ignore file of a Dockerfile may look like a Dockerfile by its name, so it goes first. */
export const EDITOR_LANGUAGES: readonly Language<unknown>[] = [DOCKERIGNORE, DEVCONTAINER, ...LANGUAGES];
