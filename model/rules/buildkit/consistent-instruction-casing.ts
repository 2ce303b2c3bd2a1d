import type { BuildCheck } from '../checked-dockerfile.ts';

export const consistentInstructionCasing: BuildCheck = {
  id: 'ConsistentInstructionCasing',
  severity: 'warning',
  title: 'All instructions of a file should be in the same case, upper or lower',
  *check({ instructions }) {
    const upper = instructions.filter(({ name, keyword }) => name === keyword).length;
    if (upper === instructions.length) return;
    const toLower = instructions.filter(({ name }) => name === name.toLowerCase()).length > upper;
    for (const { name, nameSpan, keyword } of instructions) {
      const expected = toLower ? keyword.toLowerCase() : keyword;
      if (name === expected) continue;
      const majority = toLower ? 'lowercase' : 'uppercase';
      yield {
        span: nameSpan,
        message: `Command '${name}' should match the case of the command majority (${majority})`,
        fixes: [{ title: `Change to '${expected}'`, edits: [{ span: nameSpan, text: expected }], safe: true }],
      };
    }
  },
};
