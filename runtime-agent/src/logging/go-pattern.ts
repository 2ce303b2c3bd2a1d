import { EngineError, messageOf } from '#model/engine-api/errors.ts';

/**
 * A regular expression in Go's syntax (package regexp/syntax), as Docker's options have them: other than in JavaScript, flags may
 * stand at the beginning and groups be named with a P; there is no looking around. Throws EngineError('invalid') as Go says it.
 */
export function goPattern(text: string): RegExp {
  const wrong = (reason: string): EngineError => new EngineError('invalid', `error parsing regexp: ${reason}`);
  const around = /(?<!\\)\(\?(?:<?[=!])/.exec(text)?.[0];
  if (around !== undefined) throw wrong(`invalid or unsupported Perl syntax: \`${around}\``);
  const [, flags = '', rest = text] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(text) ?? [];
  try {
    return new RegExp(rest.replaceAll(/(?<!\\)\(\?P</g, '(?<'), flags);
  } catch (error) {
    throw wrong(messageOf(error).replace(/^Invalid regular expression: /, ''));
  }
}
