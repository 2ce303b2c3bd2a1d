/** The filters of `docker events`. Values of one filter are alternatives, filters all have to match. */
import type { EngineEvent } from './event-log.ts';

type Matcher = (event: EngineEvent) => boolean;

/** An object by its id, a prefix of it, or its name; an image also by its name without tag. */
function actor(values: readonly string[]): Matcher {
  return ({ Actor }) =>
    values.some((value) => {
      const { name = '', image = '' } = Actor.Attributes;
      return Actor.ID.startsWith(value) || name === value || image === value || name.split(':')[0] === value;
    });
}

function ofType(type: string, values: readonly string[]): Matcher {
  const matches = actor(values);
  return (event) => event.Type === type && matches(event);
}

function imageMatcher(values: readonly string[]): Matcher {
  const matches = actor(values);
  return (event) =>
    event.Type === 'image'
      ? matches(event)
      : values.some((value) =>
          [event.Actor.Attributes['image'], event.Actor.Attributes['image']?.split(':')[0]].includes(value),
        );
}

function labels(values: readonly string[]): Matcher {
  return ({ Actor }) =>
    values.every((value) => {
      const at = value.indexOf('=');
      const [key, wanted] = at < 0 ? [value, undefined] : [value.slice(0, at), value.slice(at + 1)];
      const found = Actor.Attributes[key];
      return found !== undefined && (wanted === undefined || found === wanted);
    });
}

function matcher(name: string, values: readonly string[]): Matcher {
  switch (name) {
    case 'type':
      return ({ Type }) => values.includes(Type);
    case 'event':
      // `exec_create: ls -l` and `health_status: healthy` match by their first word, too.
      return ({ Action }) => values.includes(Action) || values.includes(Action.split(':')[0] ?? '');
    case 'container':
    case 'volume':
    case 'network':
    case 'daemon':
      return ofType(name, values);
    case 'image':
      return imageMatcher(values);
    case 'label':
      return labels(values);
    case 'scope':
      return ({ scope }) => values.includes(scope ?? 'local');
    case 'plugin':
    case 'service':
    case 'node':
    case 'secret':
    case 'config':
      return () => false;
    default:
      return () => true; // as Docker, which ignores filters that it does not know
  }
}

export function compileEventFilters(filters: ReadonlyMap<string, readonly string[]>): Matcher {
  const matchers = [...filters].map(([name, values]) => matcher(name, values));
  return (event) => matchers.every((matches) => matches(event));
}
