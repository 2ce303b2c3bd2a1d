import { extraAttributes } from './extra-attributes.ts';
import type { LoggedContainer } from './log-sink.ts';
import { logTag } from './log-tag.ts';

/** What `logs --details` puts before a line: `KEY=VALUE,…` by key, encoded as in a query. */
export function logDetails(container: LoggedContainer): string {
  const tag = container.options['tag'] ? { tag: logTag(container, '') } : {};
  const attributes = Object.entries({ ...extraAttributes(container, (name) => name), ...tag });
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);
  return attributes
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join(',');
}
