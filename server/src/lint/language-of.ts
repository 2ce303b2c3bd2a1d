import type { Language } from '../language.ts';

const COMPOSE_KEY =
  /^(?:services|networks|volumes|secrets|configs|include|version|name|models|x-[\w.-]+)["']?\s*:(?:\s|$)/m;
const INSTRUCTION =
  /^[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\s/im;

/**
 * The language of a file that was named outright: by its name, where that says nothing by its content, and where that
 * says nothing either by its extension.
 *
 * @param name undefined for standard input without a name
 */
export function languageOf(
  name: string | undefined,
  text: string,
  languages: readonly Language<unknown>[],
): Language<unknown> | undefined {
  const byName = name === undefined ? undefined : languages.find((language) => language.owns('', name));
  if (byName !== undefined) return byName;
  const isYaml = name !== undefined && /\.ya?ml$/i.test(name);
  const kind = isYaml || isComposeText(text) ? 'compose' : 'dockerfile';
  return languages.find((language) => language.name === kind);
}

function isComposeText(text: string): boolean {
  return COMPOSE_KEY.test(text) && !INSTRUCTION.test(text);
}
