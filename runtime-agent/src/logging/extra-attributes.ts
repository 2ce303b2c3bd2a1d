import { goPattern } from './go-pattern.ts';
import type { LoggedContainer } from './log-sink.ts';

/**
 * What the options `labels`, `labels-regex`, `env` and `env-regex` choose of the container's labels and environment.
 * Throws EngineError('invalid') for what is no regular expression.
 * @param rename how the destination writes names
 */
export function extraAttributes(container: LoggedContainer, rename: (key: string) => string): Record<string, string> {
  const { options, labels } = container;
  const environment = Object.fromEntries(
    container.environment
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const chosen: Record<string, string> = {};
  const take = (from: Readonly<Record<string, string>>, names?: string, expression?: string): void => {
    for (const name of names ? names.split(',') : []) {
      if (Object.hasOwn(from, name)) chosen[rename(name)] = from[name] ?? '';
    }
    if (!expression) return;
    const pattern = goPattern(expression);
    for (const [name, value] of Object.entries(from)) if (pattern.test(name)) chosen[rename(name)] = value;
  };
  take(labels, options['labels'], options['labels-regex']);
  take(environment, options['env'], options['env-regex']);
  return chosen;
}
