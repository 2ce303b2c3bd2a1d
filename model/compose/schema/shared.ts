/** Shapes that several parts of a Compose file share. */
import {
  bool,
  choice,
  command,
  dictionary,
  distinctStrings,
  field,
  int,
  list,
  map,
  oneOf,
  string,
  strings,
  type Fields,
} from './schema.ts';

export const extraHosts = choice(dictionary(choice(string, list(string))), distinctStrings);

export const ulimits = dictionary(
  choice(
    int,
    map({ soft: field(int, 'Limit that the process may raise itself.'), hard: field(int, 'Highest limit.') }, [
      'soft',
      'hard',
    ]),
  ),
);

/** Use of a top-level config or secret: its name, or its name with where it goes. */
export const fileReferences = list(
  choice(
    string,
    map(
      {
        source: field(string, 'Its name in the top-level section.'),
        target: field(string, 'Path (or name) of the file in the container.'),
        uid: field(string, 'User id that owns the file.'),
        gid: field(string, 'Group id that owns the file.'),
        mode: field(int, 'Permissions of the file, for example `0o440`.'),
      },
      ['source'],
    ),
  ),
);

/** A command that runs in a container when it has started or is about to stop. */
export const HOOK: Fields = {
  command: field(command, 'The command.'),
  user: field(string, 'User that runs it.'),
  privileged: field(bool, 'Run it with all privileges.'),
  working_dir: field(string, 'Directory to run it in.'),
  environment: field(
    choice(dictionary(choice(string, { kind: 'number' }, { kind: 'boolean' }, { kind: 'null' })), list(string)),
    'Environment variables for it.',
  ),
};

const DEVICE: Fields = {
  capabilities: field(strings, 'What the device must be able to do, for example `[gpu]`.'),
  count: field(choice({ kind: 'string', format: 'device-count' }, { kind: 'integer' }), 'How many, or `all`.'),
  device_ids: field(strings, 'Which ones, by id.'),
  driver: field(string, 'Driver that provides them, for example `nvidia`.'),
  options: field(choice(dictionary(choice(string, { kind: 'number' })), list(string)), 'Options of the driver.'),
};

/** @param required without capabilities a reservation means nothing; a `gpus` entry implies them */
export function deviceRequests(required: boolean): ReturnType<typeof list> {
  return list(required ? map(DEVICE, ['capabilities']) : map(DEVICE));
}

export const propagation = oneOf('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave');
