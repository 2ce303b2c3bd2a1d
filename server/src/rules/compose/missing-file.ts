import { fileMentions } from '../../compose/file-mentions.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const missingFile: ComposeRule = {
  id: 'missing-file',
  severity: 'warning',
  title: 'Files that a Compose file names exist',
  *check(document) {
    const { source } = document;
    if (source.path === undefined) return;
    for (const { path, span, what, kind, required } of fileMentions(document)) {
      if (!required || source.files.kind(path) !== undefined) continue;
      const noun = kind === 'folder' ? 'folder' : 'file';
      yield { span, message: `${what}: there is no ${noun} ${path}` };
    }
  },
};
