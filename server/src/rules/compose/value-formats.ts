/** Text that must be a duration, a size, a port … */
import { parseDuration } from '#model/dockerfile/duration.ts';
import { COMPOSE_FILE } from '#model/compose/schema/compose-file.ts';
import type { Schema, StringFormat } from '#model/compose/schema/schema.ts';
import { entriesOf, itemsOf, type ComposeNode, type ScalarNode } from '#model/compose/tree.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import { readPort } from '../../compose/short-port.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Problem } from '#model/rules/rule.ts';

interface Formatted {
  readonly node: ScalarNode;
  readonly format: StringFormat;
  readonly path: string;
}

/** What Compose replaces before it looks at the value; a lone dollar stays. */
const VARIABLE = /\$[{$A-Z_]/i;

/** Every scalar that the schema gives a format: looked for once for all rules. */
function formattedIn(root: ComposeNode): readonly Formatted[] {
  let found = FORMATTED.get(root);
  if (found === undefined) {
    const all: Formatted[] = [];
    collect(root, COMPOSE_FILE, '', 0, all);
    FORMATTED.set(root, (found = all));
  }
  return found;
}

const FORMATTED = new WeakMap<ComposeNode, readonly Formatted[]>();

function collect(node: ComposeNode, schema: Schema, path: string, depth: number, found: Formatted[]): void {
  if (depth > 20) return; // deeper than any schema: nested aliases
  if (schema.kind === 'choice') {
    for (const option of schema.options) collect(node, option, path, depth + 1, found);
  } else if (node.kind === 'scalar') {
    const isPlainText =
      typeof node.value === 'string' ||
      (typeof node.value === 'number' && schema.kind === 'string' && schema.format === 'port');
    if (schema.kind === 'string' && schema.format !== undefined && isPlainText && !VARIABLE.test(node.text)) {
      found.push({ node, format: schema.format, path });
    }
  } else if (node.kind === 'list' && schema.kind === 'list') {
    for (const item of itemsOf(node)) collect(item, schema.item, path, depth + 1, found);
  } else if (schema.kind === 'map' || schema.kind === 'dictionary') {
    for (const { key, value, merged } of entriesOf(node)) {
      const inner = schema.kind === 'map' ? schema.fields[key]?.schema : schema.value;
      if (inner !== undefined && !merged) collect(value, inner, path === '' ? key : `${path}.${key}`, depth + 1, found);
    }
  }
}

type Check = (formatted: Formatted) => string | undefined;

function formatRule(
  id: string,
  title: string,
  formats: readonly StringFormat[],
  check: Check,
  aliases?: readonly string[],
): ComposeRule {
  return {
    id,
    severity: 'error',
    title,
    ...(aliases === undefined ? {} : { aliases }),
    *check({ root }: ComposeDocument): Generator<Problem> {
      if (root === undefined) return;
      for (const one of formattedIn(root)) {
        const message = formats.includes(one.format) ? check(one) : undefined;
        if (message !== undefined) yield { span: one.node.span, message };
      }
    },
  };
}

function checkDuration({ node, path }: Formatted): string | undefined {
  if (/^[-+]?0$/.test(node.text)) return undefined; // as Go has it
  if (/^\d+(?:\.\d+)?$/.test(node.text)) return `${path}: missing unit in duration "${node.text}": write ${node.text}s`;
  const days = node.text.replaceAll(
    /(\d+)([dw])/g,
    (_, n: string, unit: string) => `${Number(n) * (unit === 'd' ? 24 : 168)}h`,
  );
  return parseDuration(days) === undefined ? `${path}: invalid duration "${node.text}": write 30s or 1m30s` : undefined;
}

function checkSize({ node, path }: Formatted): string | undefined {
  if (/^-?\d+(?:\.\d+)?\s*(?:[kmgtp]?i?b?)$/i.test(node.text.trim())) return undefined;
  return `${path}: invalid size '${node.text}': write 512m or 1.5gb`;
}

function checkPort({ node }: Formatted): string | undefined {
  return readPort(node.text).problem;
}

function checkBoolean({ node, path }: Formatted): string | undefined {
  if (/^(?:true|false|yes|no|on|off|y|n)$/i.test(node.text)) return undefined;
  return `${path} must be true or false, not '${node.text}'`;
}

/** As Go reads a number. */
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const INTEGER = /^[-+]?\d+$/;

function checkNumber({ node, path, format }: Formatted): string | undefined {
  const { text } = node;
  if (format === 'number') return NUMBER.test(text) ? undefined : `${path} must be a number, not '${text}'`;
  if (INTEGER.test(text) || (format === 'device-count' && text.toLowerCase() === 'all')) return undefined;
  return `${path} must be a whole number${format === 'device-count' ? ' or all' : ''}, not '${text}'`;
}

function checkSshKey({ node, path }: Formatted): string | undefined {
  if (node.text === 'default' || node.text.includes('=')) return undefined;
  return `${path}: invalid ssh key '${node.text}': write default or id=path`;
}

const PULL_POLICY = /^(?:always|never|build|if_not_present|missing|refresh|daily|weekly|every_(?:\d+[wdhms])+)$/;

function checkPullPolicy({ node, path }: Formatted): string | undefined {
  if (PULL_POLICY.test(node.text)) return undefined;
  return `${path} must be one of always, never, missing, build, daily, weekly, every_<n>d, not '${node.text}'`;
}

function checkContainerName({ node, path }: Formatted): string | undefined {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(node.text)) return undefined;
  return `${path}: '${node.text}' is not a valid name: at least two letters, digits, '_', '.' and '-', a letter or digit first`;
}

export const VALUE_FORMATS: readonly ComposeRule[] = [
  formatRule('invalid-boolean', 'What is on or off is written true or false', ['boolean'], checkBoolean),
  formatRule('invalid-number', 'A number in quotes is a number', ['number', 'integer', 'device-count'], checkNumber),
  formatRule('invalid-ssh-key', 'A key of the SSH agent is default or id=path', ['ssh-key'], checkSshKey),
  formatRule('invalid-duration', 'A duration has a number and a unit', ['duration'], checkDuration),
  formatRule('invalid-size', 'A size is a number with an optional unit', ['bytes'], checkSize),
  formatRule('invalid-port', 'A port mapping is [[address:]port:]port[/protocol]', ['port'], checkPort),
  formatRule('invalid-pull-policy', 'A pull policy is one that exists', ['pull-policy'], checkPullPolicy),
  formatRule(
    'invalid-container-name',
    'A container name consists of letters, digits, `_`, `.` and `-`',
    ['container-name'],
    checkContainerName,
    ['service-container-name-regex'],
  ),
];
