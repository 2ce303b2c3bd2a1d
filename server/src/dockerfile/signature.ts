import type { Signature } from '../language.ts';
import { cursorAt } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { INSTRUCTIONS } from './instructions.ts';

/** The instruction's usual form, with the argument that is being written. */
export function signature(document: DockerfileDocument, offset: number): Signature | undefined {
  const { keyword, before, word, inFlags } = cursorAt(document, offset);
  const info = INSTRUCTIONS[keyword];
  const label = info?.forms[0];
  if (info === undefined || label === undefined) return undefined;
  const parameters = label.split(' ').slice(1);
  const hasFlags = parameters[0]?.startsWith('[--') === true;
  const isFlag = inFlags && word.startsWith('-');
  const index = isFlag ? 0 : before.length + (hasFlags ? 1 : 0);
  return {
    label,
    documentation: info.summary,
    parameters: parameters.map((parameter) => ({ label: parameter, documentation: '' })),
    active: Math.min(index, parameters.length - 1),
  };
}
