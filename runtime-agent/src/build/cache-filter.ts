/** Which records of the build cache are meant: containerd's filters, in which BuildKit's clients speak of them. */
import { EngineError } from '#model/engine-api/errors.ts';

/** What filters look at. */
export interface FilteredRecord {
  readonly id: string;
  readonly type: string;
  readonly description: string;
  readonly inUse: boolean;
  readonly mutable: boolean;
  readonly shared: boolean;
}

type Matches = (record: FilteredRecord) => boolean;

const TEXTS: Readonly<Record<string, (record: FilteredRecord) => string>> = {
  id: ({ id }) => id,
  type: ({ type }) => type,
  description: ({ description }) => description,
  // No record tells of what is below it.
  parent: () => '',
  parents: () => '',
};
const FLAGS: Readonly<Record<string, Matches>> = {
  inuse: ({ inUse }) => inUse,
  mutable: ({ mutable }) => mutable,
  immutable: ({ mutable }) => !mutable,
  shared: ({ shared }) => shared,
  private: ({ shared }) => !shared,
};

/**
 * @param filters `type==regular`, `id~=a.*b`, `inuse`, `description!="a b"`; several in one with commas: all of its parts hold, of any of the
 * filters. Throws EngineError('invalid') for one that is not known.
 */
export function cacheFilter(filters: readonly string[]): Matches {
  const given = filters.filter((filter) => filter !== '');
  if (given.length === 0) return () => true;
  const any = given.map((filter) => filter.split(',').map(part));
  return (record) => any.some((parts) => parts.every((matches) => matches(record)));
}

function part(text: string): Matches {
  const [, field = '', operator, written = ''] = /^([a-z]+)(?:(==|!=|~=|=)(.*))?$/s.exec(text) ?? [];
  const flag = FLAGS[field];
  const textOf = TEXTS[field];
  const value = /^".*"$/s.test(written) ? written.slice(1, -1) : written;
  if (flag !== undefined && operator === undefined) return flag;
  if (flag !== undefined && operator !== '~=' && /^(true|false)$/.test(value)) {
    return (record) => flag(record) === ((value === 'true') === (operator !== '!='));
  }
  if (textOf === undefined) throw new EngineError('invalid', `invalid filter ${JSON.stringify(text)}`);
  switch (operator) {
    case undefined:
      return (record) => textOf(record) !== '';
    case '!=':
      return (record) => textOf(record) !== value;
    case '~=':
      return matching(text, value, textOf);
    default:
      return (record) => textOf(record) === value;
  }
}

function matching(text: string, value: string, textOf: (record: FilteredRecord) => string): Matches {
  try {
    const pattern = new RegExp(value, 'u');
    return (record) => pattern.test(textOf(record));
  } catch (cause) {
    throw new EngineError('invalid', `invalid filter ${JSON.stringify(text)}: not a regular expression`, { cause });
  }
}
