import type { Signature } from '../language.ts';
import { cursorAt } from './cursor.ts';
import type { DockerfileDocument } from './document.ts';
import { flagInfo } from './flags.ts';
import { INSTRUCTIONS } from './instructions.ts';

/** The instruction's usual form, with the argument that is being written. */
export function signature(document: DockerfileDocument, offset: number): Signature | undefined {
  const { keyword, before, word, inFlags } = cursorAt(document, offset);
  const info = INSTRUCTIONS[keyword];
  const label = info?.forms[0];
  if (info === undefined || label === undefined) return undefined;
  const flag = inFlags ? flagSignature(keyword, word) : undefined;
  if (flag !== undefined) return flag;
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

/** Behind the `=` of a flag: what its value means. */
function flagSignature(keyword: string, word: string): Signature | undefined {
  const name = /^--([a-z-]+)=/.exec(word)?.[1];
  const info = name === undefined ? undefined : flagInfo(keyword, name);
  if (info === undefined) return undefined;
  const value = info.type === 'boolean' ? 'true|false' : (FLAG_VALUES[name ?? ''] ?? 'value');
  const parameters = [{ label: value, documentation: '' }];
  return { label: `--${name}=${value}`, documentation: info.documentation, parameters, active: 0 };
}

const FLAG_VALUES: Readonly<Record<string, string>> = {
  interval: 'duration',
  timeout: 'duration',
  'start-period': 'duration',
  'start-interval': 'duration',
  retries: 'number',
  platform: 'os/arch[/variant]',
  from: 'stage|image|context',
  chown: 'user[:group]',
  chmod: 'mode',
  checksum: 'algorithm:digest',
  exclude: 'pattern',
  mount: 'type=type[,option=value]...',
  network: 'default|none|host',
  security: 'insecure|sandbox',
  device: 'name[,required]',
};
