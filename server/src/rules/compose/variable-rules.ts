import { allVariables } from '#model/compose/interpolation.ts';
import { textOf } from '#model/text/span.ts';
import { suggest } from '#model/text/suggest.ts';
import { variablesOf } from '../../compose/variables.ts';
import type { ComposeRule } from '../compose-rule.ts';

export const invalidInterpolation: ComposeRule = {
  id: 'invalid-interpolation',
  severity: 'error',
  title: 'Variables are written $NAME, ${NAME} or ${NAME:-default}',
  *check(document) {
    for (const span of variablesOf(document).bad) {
      const text = textOf(document.text, span);
      const at = { start: span.start, end: span.start };
      const fixes = [{ title: 'Escape the dollar sign', edits: [{ span: at, text: '$' }] }];
      const message = `invalid interpolation format: ${text}. You may need to escape any $ with another $`;
      yield { span, message, fixes };
    }
  },
};

/** Set by Compose itself, or by every shell. */
const ALWAYS_SET = /^(?:COMPOSE_\w+|PWD|HOME|USER|UID|GID|PATH|SHELL|HOSTNAME|LANG|TERM|TMPDIR)$/;

/**
 * A variable without default that neither `.env` nor Compose sets. The environment of whoever runs Compose is not known
 * here, so it is a note; when `.env` has a name that is almost the same, it is surely misspelt.
 */
export const unsetVariable: ComposeRule = {
  id: 'unset-variable',
  severity: 'information',
  title: 'Variables have a default or a value in .env',
  *check(document) {
    const { env } = document.project;
    const reported = new Set<string>();
    for (const { name, nameSpan, span, modifier } of allVariables(variablesOf(document).variables)) {
      if (env.has(name) || ALWAYS_SET.test(name) || reported.has(name)) continue;
      if (modifier !== undefined && modifier !== ':?' && modifier !== '?') continue;
      reported.add(name);
      const near = suggest(name, env.keys(), true);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      const why =
        modifier === undefined
          ? 'Unless the environment sets it, it is a blank string'
          : 'Unless the environment sets it, Compose refuses to start';
      const fixes = near === undefined ? [] : [{ title: `Change to ${near}`, edits: [{ span: nameSpan, text: near }] }];
      if (modifier === undefined && document.text[span.start + 1] === '{') {
        fixes.push({
          title: 'Add an empty default',
          edits: [{ span: { start: nameSpan.end, end: nameSpan.end }, text: ':-' }],
        });
      }
      yield { span, message: `The variable ${name} is not set in .env${hint}. ${why}`, fixes };
    }
  },
};
