/** LABEL: keys, and values of the types that OCI annotations and a project’s label schema give them. */
import parseSpdx from 'spdx-expression-parse';
import { expandText } from '#model/dockerfile/expand.ts';
import type { Property } from '#model/dockerfile/syntax/properties.ts';
import type { LabelType } from '../../dockerfile/hadolint-config.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import type { Severity } from '#model/rules/rule.ts';
import { stagesLacking } from './stages-lacking.ts';

/** Pre-defined annotation keys (OCI image specification, annotations). */
const OCI_TYPES: Readonly<Record<string, LabelType>> = {
  'org.opencontainers.image.created': 'rfc3339',
  'org.opencontainers.image.url': 'url',
  'org.opencontainers.image.documentation': 'url',
  'org.opencontainers.image.source': 'url',
  'org.opencontainers.image.licenses': 'spdx',
};

/** Quotes removed; undefined where a variable decides. */
function valueOf({ value }: Property): string | undefined {
  return value === undefined || value.includes('$') ? undefined : expandText(value, () => undefined).value;
}

const invalidKey: DockerfileRule = {
  id: 'DL3048',
  severity: 'hint',
  title: 'Keys of labels are lowercase, in a name space of their own',
  *check(document) {
    for (const { name, nameSpan } of document.labels) {
      const why = whyNot(unquoted(name));
      if (why !== undefined) yield { span: nameSpan, message: `label '${name}': ${why}` };
    }
  },
};

function whyNot(key: string): string | undefined {
  if (/^(?:com\.docker|io\.docker|org\.dockerproject)\./.test(key)) return 'this name space is reserved for Docker';
  if (!/^[a-z][a-z0-9.-]*[a-z0-9]$|^[a-z]$/.test(key))
    return "keys consist of lowercase letters, digits, '.' and '-', a letter first";
  return /\.\.|--/.test(key) ? 'separators do not stand twice' : undefined;
}

function isSpdx(text: string): boolean {
  try {
    parseSpdx(text);
    return true;
  } catch {
    return false;
  }
}

const CHECKS: Readonly<
  Record<LabelType, { readonly id: string; readonly what: string; isValid(text: string): boolean }>
> = {
  text: { id: 'DL3051', what: 'must not be empty', isValid: (text) => text.trim() !== '' },
  rawtext: { id: 'DL3051', what: 'must not be empty', isValid: (text) => text.trim() !== '' },
  url: {
    id: 'DL3052',
    what: 'must be a URL',
    isValid: (text) => URL.canParse(text) && /^[a-z][a-z0-9+.-]*:\/\//i.test(text),
  },
  rfc3339: {
    id: 'DL3053',
    what: 'must be a date and time as RFC 3339 writes it, for example 2024-05-17T12:00:00Z',
    isValid: (text) =>
      /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text) &&
      !Number.isNaN(Date.parse(text)),
  },
  spdx: {
    id: 'DL3054',
    what: 'must be an SPDX license expression, for example Apache-2.0 OR MIT',
    isValid: isSpdx,
  },
  hash: {
    id: 'DL3055',
    what: 'must be the hash of a Git commit',
    isValid: (text) => /^(?:[0-9a-f]{7}|[0-9a-f]{40}|[0-9a-f]{64})$/.test(text),
  },
  semver: {
    id: 'DL3056',
    what: 'must be a semantic version, for example 1.2.3',
    isValid: (text) =>
      /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(text),
  },
  email: {
    id: 'DL3058',
    what: 'must be an e-mail address',
    isValid: (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text),
  },
};

function typeRule(type: LabelType, title: string): DockerfileRule {
  const { id, what } = CHECKS[type];
  return {
    id,
    severity: 'warning',
    title,
    *check(document) {
      for (const label of document.labels) {
        const labelType = document.hadolint.labels[label.name] ?? OCI_TYPES[label.name];
        if (labelType === undefined && !label.name.startsWith('org.opencontainers.image.')) continue;
        const value = valueOf(label);
        if (value === undefined) continue;
        const isEmpty = value.trim() === '';
        const wrong = isEmpty
          ? CHECKS.text
          : labelType === undefined || CHECKS[labelType].isValid(value)
            ? undefined
            : CHECKS[labelType];
        if (wrong?.id === id)
          yield { span: label.valueSpan ?? label.nameSpan, message: `label '${label.name}' ${what}` };
      }
    },
  };
}

function unquoted(name: string): string {
  return name.replaceAll(/^["']|["']$/g, '');
}

function schemaRule(id: string, severity: Severity, title: string, check: DockerfileRule['check']): DockerfileRule {
  return { id, severity, title, check };
}

export const LABELS: readonly DockerfileRule[] = [
  invalidKey,
  schemaRule('DL3049', 'information', 'Labels that the label schema asks for are there', function* (document) {
    const { stages, hadolint, properties } = document;
    for (const name of Object.keys(hadolint.labels)) {
      const lacking = stagesLacking(stages, ({ instructions }) =>
        instructions.some(
          (one) => one.keyword === 'LABEL' && properties(one).some((label) => unquoted(label.name) === name),
        ),
      );
      for (const { from } of lacking) yield { span: from.nameSpan, message: `label '${name}' is missing` };
    }
  }),
  schemaRule('DL3050', 'information', 'There are no labels that the label schema does not know', function* (document) {
    if (!document.hadolint.strictLabels) return;
    for (const { name, nameSpan } of document.labels) {
      if (document.hadolint.labels[name] === undefined)
        yield { span: nameSpan, message: `label '${name}' is not in the label schema` };
    }
  }),
  typeRule('text', 'Labels are not empty'),
  typeRule('url', 'Labels that are links hold a URL'),
  typeRule('rfc3339', 'Labels that are times hold one as RFC 3339 writes it'),
  typeRule('spdx', 'Labels that are licenses hold an SPDX expression'),
  typeRule('hash', 'Labels that are commits hold the hash of one'),
  typeRule('semver', 'Labels that are versions hold a semantic version'),
  typeRule('email', 'Labels that are e-mail addresses hold one'),
];
