/** What is no valid YAML. */
import { suggest } from '#model/text/suggest.ts';
import { textOf } from '#model/text/span.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const invalidYaml: ComposeRule = {
  id: 'invalid-yaml',
  severity: 'error',
  title: 'A Compose file must be valid YAML',
  *check({ tree }) {
    for (const { span, message, kind } of tree.problems) {
      if (kind === 'syntax' || kind === 'merge') yield { span, message: message.replace(/\.$/, '') };
    }
  },
};

export const duplicateKey: ComposeRule = {
  id: 'duplicate-key',
  aliases: ['invalid-yaml'],
  severity: 'error',
  title: 'A key stands once in a mapping',
  *check({ tree }) {
    for (const { span, message, kind } of tree.problems) if (kind === 'duplicate-key') yield { span, message };
  },
};

export const nonStringKey: ComposeRule = {
  id: 'non-string-key',
  aliases: ['invalid-yaml'],
  severity: 'error',
  title: 'Keys are text: numbers, dates, true, false and null are written in quotes',
  *check({ text, tree }) {
    for (const { span, message, kind } of tree.problems) {
      if (kind !== 'non-string-key') continue;
      const quoted = `"${textOf(text, span)}"`;
      yield { span, message, fixes: [{ title: `Write ${quoted}`, edits: [{ span, text: quoted }], safe: true }] };
    }
  },
};

export const unknownTag: ComposeRule = {
  id: 'unknown-tag',
  severity: 'warning',
  title: 'Tags are those of YAML and of Compose, !reset and !override',
  *check({ text, tree }) {
    for (const span of tree.unknownTags) {
      const tag = textOf(text, span);
      const near = suggest(tag, ['!reset', '!override']);
      const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
      const fixes = near === undefined ? [] : [{ title: `Change to ${near}`, edits: [{ span, text: near }] }];
      yield { span, message: `the tag '${tag}' says nothing to Compose${hint}`, fixes };
    }
  },
};
