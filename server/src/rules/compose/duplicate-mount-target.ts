import { itemsOf, textAt, valueAt, type ComposeNode } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import { readVolume } from '../../compose/short-volume.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const duplicateMountTarget: ComposeRule = {
  id: 'duplicate-mount-target',
  severity: 'error',
  title: 'One thing is mounted at a path',
  *check({ services }) {
    for (const { key, value } of services) {
      const seen = new Set<string>();
      for (const { path, span } of targetsOf(value)) {
        const clean = path.length > 1 ? path.replace(/\/+$/, '') : path;
        if (clean.includes('$')) continue;
        if (seen.has(clean)) yield { span, message: `services.${key}: duplicate mount point ${clean}` };
        seen.add(clean);
      }
    }
  },
};

function* targetsOf(service: ComposeNode): Generator<{ path: string; span: Span }> {
  for (const volume of itemsOf(valueAt(service, 'volumes'))) {
    const { target } = readVolume(volume);
    if (target !== undefined) yield { path: target.text, span: target.span };
  }
  const tmpfs = valueAt(service, 'tmpfs');
  for (const item of tmpfs?.kind === 'list' ? tmpfs.items : tmpfs === undefined ? [] : [tmpfs]) {
    const path = textAt(item)?.split(':')[0];
    if (path !== undefined) yield { path, span: item.span };
  }
}
