import { COMPOSE } from './compose/language.ts';
import { DOCKERFILE } from './dockerfile/language.ts';
import type { Language } from './language.ts';

/** The languages that the server and the linter know. The first that owns a document has it. */
export const LANGUAGES: readonly Language<unknown>[] = [DOCKERFILE, COMPOSE];
