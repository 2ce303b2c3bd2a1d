/** `docker build --call=targets`: the stages that can be built. */
import type { AskedDockerfile, SubrequestResult } from './subrequest.ts';
import { descriptionOf, locationOf } from './locations.ts';
import { textTable } from './text-table.ts';

export function targetsResult({ text, dockerfile: { stages } }: AskedDockerfile): SubrequestResult {
  const targets = stages.map(({ index, name, from }) => {
    const description = name === undefined ? '' : descriptionOf(text, from.line, name);
    return {
      ...(name === undefined ? {} : { name }),
      ...(index === stages.length - 1 ? { default: true } : {}),
      ...(description === '' ? {} : { description }),
      base: from.command.image,
      location: locationOf(from.line),
    };
  });
  const rows = targets.map(({ name = '', default: isDefault, description = '' }) => {
    return [[name, isDefault ? '(default)' : ''].filter((part) => part !== '').join(' '), description];
  });
  return {
    json: { targets, sources: [Buffer.from(text).toString('base64')] },
    text: textTable([['TARGET', 'DESCRIPTION'], ...rows], 1),
  };
}
