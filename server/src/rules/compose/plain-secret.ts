import { entriesOf, itemsOf, type ComposeNode, textAt, valueAt } from '#model/compose/tree.ts';
import type { Span } from '#model/text/span.ts';
import { partSpan } from '../../compose/scalars.ts';
import type { ComposeRule } from '../compose-rule.ts';

const SECRET = /(?:_|^)(?:apikey|api_key|credentials?|password|pword|passwd|secret|token|private_key)$/i;

export const plainSecret: ComposeRule = {
  id: 'plain-secret',
  severity: 'warning',
  title: 'Passwords and tokens do not stand in the file',
  *check({ services }) {
    for (const { value } of services) {
      for (const { name, text, span } of variablesOf(valueAt(value, 'environment'))) {
        // A path says where the secret is, not what it is.
        if (!SECRET.test(name) || text === '' || text.includes('$') || text.startsWith('/')) continue;
        const message = `the value of ${name} is readable for everyone who has this file: use \${${name}}, an env_file or secrets`;
        yield { span, message };
      }
    }
  },
};

function* variablesOf(environment: ComposeNode | undefined): Generator<{ name: string; text: string; span: Span }> {
  for (const { key, value, merged } of entriesOf(environment)) {
    if (!merged) yield { name: key, text: textAt(value) ?? '', span: value.span };
  }
  for (const item of itemsOf(environment)) {
    if (item.kind !== 'scalar') continue;
    const equals = item.text.indexOf('=');
    if (equals > 0) {
      yield {
        name: item.text.slice(0, equals),
        text: item.text.slice(equals + 1),
        span: partSpan(item, equals + 1, item.text.length),
      };
    }
  }
}
