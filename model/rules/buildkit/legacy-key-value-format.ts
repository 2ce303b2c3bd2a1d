import type { BuildCheck } from '../checked-dockerfile.ts';

export const legacyKeyValueFormat: BuildCheck = {
  id: 'LegacyKeyValueFormat',
  severity: 'warning',
  title: 'Key and value should be written with an equals sign, not with a space between them',
  *check({ withKeyword, escape, properties }) {
    for (const instruction of withKeyword('ENV', 'LABEL')) {
      const written = instruction.name;
      for (const { legacy, name, value, span } of properties(instruction)) {
        if (!legacy || value === undefined) continue;
        const text = `${name}=${quoted(value, escape)}`;
        yield {
          span,
          message: `"${written} key=value" should be used instead of legacy "${written} key value" format`,
          fixes: [
            { title: `Write ${text.length > 50 ? 'with an equals sign' : text}`, edits: [{ span, text }], safe: true },
          ],
        };
      }
    }
  },
};

/** The old form takes quotes and spaces as they come; the new one needs the value as one word. */
function quoted(value: string, escape: string): string {
  const isOneWord = /^"[^"]*"$|^'[^']*'$|^[^\s"']+$/.test(value);
  return isOneWord ? value : `"${value.replaceAll('"', `${escape}"`)}"`;
}
