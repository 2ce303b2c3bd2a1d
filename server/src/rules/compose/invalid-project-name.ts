import { entryOf } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const invalidProjectName: ComposeRule = {
  id: 'invalid-project-name',
  severity: 'warning',
  title: 'A project name has lowercase letters, digits, `-` and `_` only',
  *check({ root }) {
    const value = entryOf(root, 'name')?.value;
    if (value?.kind !== 'scalar' || typeof value.value !== 'string' || value.text.includes('$')) return;
    const { span, text } = value;
    if (text === '' || /^[a-z\d][a-z\d_-]*$/.test(text)) return;
    // What Compose makes of it; some versions refuse it.
    const valid = text
      .toLowerCase()
      .replaceAll(/[^a-z\d_-]+/g, '')
      .replace(/^[_-]+/, '');
    const becomes = valid === '' ? 'of which nothing is left' : `and becomes "${valid}"`;
    const message = `the project name "${text}" is not lowercase letters, digits, '-' and '_' only, ${becomes}`;
    const fixes = valid === '' ? [] : [{ title: `Change to ${valid}`, edits: [{ span, text: valid }] }];
    yield { span, message, fixes };
  },
};
