import { suggest } from '#model/text/suggest.ts';
import { PLATFORM_ARGS, PREDEFINED_ARGS } from './predefined-args.ts';
import type { Variables } from './variables.ts';

/** The argument that a FROM may have meant by a name that nobody declares. */
export function nearGlobalArg({ definitions }: Pick<Variables, 'definitions'>, name: string): string | undefined {
  const globals = definitions.filter(({ stage }) => stage === undefined).map((one) => one.name);
  return suggest(name, [...globals, ...PLATFORM_ARGS.keys(), ...PREDEFINED_ARGS], true);
}
