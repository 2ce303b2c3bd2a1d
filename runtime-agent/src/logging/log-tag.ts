/**
 * The `tag` option: a Go template over the container's facts, such as `{{.ImageName}}/{{.Name}}/{{.ID}}`, with the
 * functions that Docker adds to its templates.
 */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { extraAttributes } from './extra-attributes.ts';
import type { LoggedContainer } from './log-sink.ts';

const SHORT = 12;

function fields(container: LoggedContainer): Readonly<Record<string, unknown>> {
  return {
    ID: container.id.slice(0, SHORT),
    FullID: container.id,
    Name: container.name,
    // Docker cuts the digest with its algorithm.
    ImageID: container.imageId.slice(0, SHORT),
    ImageFullID: container.imageId,
    ImageName: container.imageName,
    Command: container.command.join(' '),
    DaemonName: 'docker',
    Config: container.options,
    ContainerID: container.id,
    ContainerName: `/${container.name}`,
    ContainerEntrypoint: container.command[0] ?? '',
    ContainerArgs: container.command.slice(1),
    ContainerImageID: container.imageId,
    ContainerImageName: container.imageName,
    ContainerCreated: container.created,
    ContainerEnv: container.environment,
    ContainerLabels: container.labels,
  };
}

const FUNCTIONS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  json: (value) => JSON.stringify(value),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  title: (text) => String(text).replace(/(^|\s)\S/g, (letter) => letter.toUpperCase()),
  join: (list, separator) => (list as readonly unknown[]).join(String(separator)),
  split: (text, separator) => String(text).split(String(separator)),
  truncate: (text, length) => String(text).slice(0, Number(length)),
  pad: (text, before, after) =>
    text === '' ? '' : ' '.repeat(Number(before)) + String(text) + ' '.repeat(Number(after)),
  index: (container, key) => (container as Readonly<Record<string, unknown>>)[String(key)] ?? '',
  println: (text) => `${String(text)}\n`,
};

const WORD =
  /\s*(\((?<group>[^()]*)\)(?<of>(?:\.\w+)*)|(?<field>(?:\.\w+)+)|(?<text>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?<number>-?\d+)|(?<name>\w+))/y;

const fault = (reason: string): EngineError => new EngineError('invalid', `template: log-tag:1: ${reason}`);

function lookUp(root: unknown, path: string): unknown {
  let value = root;
  for (const name of path.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !(name in value)) {
      throw fault(`executing "log-tag" at <${path}>: can't evaluate field ${name} in type *logger.Info`);
    }
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function literal(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1) : String(JSON.parse(text));
}

/** One command of a pipeline: a function with its arguments, or a value. */
function command(text: string, container: LoggedContainer, piped: readonly unknown[]): unknown {
  const root = fields(container);
  const words: unknown[] = [];
  let call: string | undefined;
  for (let at = 0; text.slice(at).trim() !== ''; ) {
    WORD.lastIndex = at;
    const groups = WORD.exec(text)?.groups;
    if (groups === undefined) throw fault(`unexpected ${JSON.stringify(text.slice(at).trim())} in operand`);
    at = WORD.lastIndex;
    const { group, of = '', field, text: quoted, number, name } = groups;
    if (group !== undefined) words.push(lookUp(pipeline(group, container), of));
    else if (field?.startsWith('.ExtraAttributes')) {
      // Its argument, a function that renames, can only be nil here.
      text = `${text.slice(0, at)}${text.slice(at).replace(/^\s*nil/, '')}`;
      words.push(extraAttributes(container, (key) => key));
    } else if (field !== undefined) words.push(lookUp(root, field));
    else if (quoted !== undefined) words.push(literal(quoted));
    else if (number !== undefined) words.push(Number(number));
    else if (name !== undefined && words.length === 0 && call === undefined && name in FUNCTIONS) call = name;
    else throw fault(`function ${JSON.stringify(name)} not defined`);
  }
  if (call !== undefined) return FUNCTIONS[call]?.(...words, ...piped);
  if (words.length !== 1) throw fault(`missing value for command`);
  return words[0];
}

function pipeline(text: string, container: LoggedContainer): unknown {
  return text
    .split('|')
    .reduce<readonly unknown[]>((piped, part) => [command(part, container, piped)], [])
    .at(0);
}

/** Throws EngineError('invalid') with the place of the mistake. @param standard the tag without the option */
export function logTag(container: LoggedContainer, standard = '{{.ID}}'): string {
  const template = container.options['tag'] || standard;
  const parts = template.split(/(\{\{-?[\s\S]*?-?\}\})/);
  return parts
    .map((part) => {
      const inside = /^\{\{-?([\s\S]*?)-?\}\}$/.exec(part)?.[1];
      if (inside === undefined) {
        if (part.includes('{{')) throw fault('unclosed action');
        return part;
      }
      try {
        return String(pipeline(inside, container));
      } catch (error) {
        throw error instanceof EngineError ? error : fault(messageOf(error));
      }
    })
    .join('');
}
