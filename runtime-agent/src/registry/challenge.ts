/** `WWW-Authenticate` (RFC 9110 section 11.6.1): the challenges of a 401. */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const PARAMETER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/;

/** Several headers are given joined by commas, as node:http does. What is not well-formed ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.trim();
  while (rest !== '') {
    const parameter = PARAMETER.exec(rest);
    const current = challenges.at(-1);
    if (parameter && current) {
      const [whole, name = '', quoted, plain] = parameter;
      current.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
      rest = rest.slice(whole.length);
    } else {
      const scheme = TOKEN.exec(rest)?.[0];
      if (scheme === undefined) break;
      challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
      rest = rest.slice(scheme.length);
    }
    rest = rest.replace(/^[\s,]+/, '');
  }
  return challenges;
}
