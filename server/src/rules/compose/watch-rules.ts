import { entryOf, itemsOf, textAt, valueAt } from '#model/compose/tree.ts';
import type { ComposeRule } from '../compose-rule.ts';

const NEEDS_TARGET: ReadonlySet<string> = new Set(['sync', 'sync+restart', 'sync+exec']);

export const watchTarget: ComposeRule = {
  id: 'watch-target',
  severity: 'error',
  title: 'What is watched has a path, and what is synced a target',
  *check({ services }) {
    for (const { key, value } of services) {
      for (const trigger of itemsOf(valueAt(value, 'develop', 'watch'))) {
        const action = valueAt(trigger, 'action');
        const path = entryOf(trigger, 'path');
        const name = `services.${key}.develop.watch`;
        if (path !== undefined && textAt(path.value)?.trim() === '') {
          yield { span: path.value.span, message: `${name}: value can't be blank` };
        }
        if (action === undefined || !NEEDS_TARGET.has(textAt(action) ?? '') || entryOf(trigger, 'target') !== undefined)
          continue;
        yield { span: action.span, message: `${name}: target is required for non-rebuild actions` };
      }
    }
  },
};
