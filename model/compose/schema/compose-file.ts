import { dictionary, field, map, string, type Schema } from './schema.ts';
import { configs, include, models, networks, secrets, volumes } from './resources.ts';
import { SERVICE } from './service.ts';

const NAME = /^[a-zA-Z0-9._-]+$/;

/** A whole Compose file (Compose Specification). Keys that start with `x-` are allowed in every map of fixed fields. */
export const COMPOSE_FILE: Schema = map({
  name: field(string, 'Name of the project: lowercase letters, digits, `-` and `_`.'),
  services: field(dictionary(map(SERVICE), NAME), 'The containers of the application.'),
  networks: field(networks, 'Networks that services join.'),
  volumes: field(volumes, 'Volumes that services mount.'),
  configs: field(configs, 'Configuration files for services.'),
  secrets: field(secrets, 'Secret files for services.'),
  models: field(models, 'AI models for services.'),
  include: field(include, 'Other Compose files that belong to the application.'),
  version: field(string, 'Obsolete: ignored.', 'The version is ignored: remove it.'),
});
