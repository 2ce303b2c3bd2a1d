import { entryOf } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const invalidProjectName: ComposeRule = {
  id: 'invalid-project-name',
  severity: 'error',
  title: 'A project name has lowercase letters, digits, `-` and `_` only',
  *check({ root }) {
    const value = entryOf(root, 'name')?.value;
    if (value?.kind !== 'scalar' || typeof value.value !== 'string' || value.text.includes('$')) return;
    const { span, text } = value;
    if (text === '' || /^[a-z\d][a-z\d_-]*$/.test(text)) return;
    const valid = text
      .toLowerCase()
      .replaceAll(/[^a-z\d_-]+/g, '-')
      .replaceAll(/^[_-]+|-+$/g, '');
    const message = `invalid project name "${text}": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`;
    const fixes = valid === '' ? [] : [{ title: `Change to ${valid}`, edits: [{ span, text: valid }] }];
    yield { span, message, fixes };
  },
};
