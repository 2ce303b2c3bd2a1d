import { EngineError } from './errors.ts';

/** `10k`, `5m`, `1g`, `1.5GiB`, `100` in bytes, as go-units' RAMInBytes reads sizes. Throws EngineError('invalid'). */
export function ramInBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i.exec(text);
  if (!match) throw new EngineError('invalid', `invalid size: '${text}'`);
  const power = 'kmgtp'.indexOf((match[2] ?? '').toLowerCase() || '-') + 1;
  return Math.floor(Number(match[1]) * 1024 ** power);
}
