import { suggest } from '#model/text/suggest.ts';
import { PROPERTY_NAMES } from '../../devcontainer/completion.ts';
import type { DevContainerDocument } from '../../devcontainer/document.ts';
import { fileMentions } from '../../devcontainer/file-mentions.ts';
import type { Rule } from '#model/rules/rule.ts';

type DevContainerRule = Rule<DevContainerDocument>;

const invalidDevContainer: DevContainerRule = {
  id: 'InvalidDevContainer',
  severity: 'error',
  title: 'devcontainer.json is valid: JSON with comments, values of the right kind, one way to the container',
  *check({ parsed }) {
    for (const { severity, unsupported, span, message } of parsed.problems)
      if (severity === 'error' && unsupported !== true) yield { span, message };
  },
};

const unsupportedDevContainer: DevContainerRule = {
  id: 'UnsupportedDevContainer',
  severity: 'information',
  title: 'What devcontainer.json asks for is something that Slipway can do',
  *check({ parsed }) {
    for (const { unsupported, span, message } of parsed.problems) if (unsupported === true) yield { span, message };
  },
};

const unknownDevContainerProperty: DevContainerRule = {
  id: 'UnknownDevContainerProperty',
  severity: 'warning',
  title: 'The properties of devcontainer.json are those of the specification',
  *check({ parsed, text }) {
    for (const { severity, unsupported, span, message } of parsed.problems) {
      if (severity === 'error' || unsupported === true) continue;
      const written = text.slice(span.start + 1, span.end - 1);
      const sameLetters = PROPERTY_NAMES.find((name) => name.toLowerCase() === written.toLowerCase());
      const meant = sameLetters ?? suggest(written, PROPERTY_NAMES);
      const fix = { title: `Change to ${meant}`, edits: [{ span, text: JSON.stringify(meant) }] };
      yield { span, message, ...(meant === undefined ? {} : { fixes: [fix] }) };
    }
  },
};

const missingDevContainerFile: DevContainerRule = {
  id: 'MissingDevContainerFile',
  severity: 'error',
  title: 'Files and folders that devcontainer.json names exist',
  *check(document) {
    for (const { path, span, what, kind } of fileMentions(document)) {
      if (document.source.files.kind(path) !== undefined) continue;
      yield { span, message: `${what}: there is no ${kind} ${path}` };
    }
  },
};

export const DEVCONTAINER_RULES: readonly DevContainerRule[] = [
  invalidDevContainer,
  unsupportedDevContainer,
  unknownDevContainerProperty,
  missingDevContainerFile,
];
