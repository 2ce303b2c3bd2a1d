import type { Language } from './language.ts';

/** Of a document that its own language has no time for: it has no features, and says why. */
export const TOO_LONG: Language<undefined> = {
  name: 'too long',
  owns: () => false,
  parse: () => undefined,
  diagnose: () => [],
};
