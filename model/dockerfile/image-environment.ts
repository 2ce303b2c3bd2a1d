/**
 * Which variables a base image may bring along. The image itself is not at hand in an editor, so this errs on the side of
 * silence: distributions set nothing but PATH, any other image may set names that look like an image's.
 */
import type { Stage } from '#model/dockerfile/syntax/stages.ts';

const BARE: ReadonlySet<string> = new Set([
  'scratch',
  'alpine',
  'almalinux',
  'amazonlinux',
  'archlinux',
  'busybox',
  'centos',
  'debian',
  'fedora',
  'oraclelinux',
  'photon',
  'rockylinux',
  'ubuntu',
]);

const TYPICAL =
  /^(?:LANG|LANGUAGE|LC_ALL|HOME|USER|SHELL|PWD|GOPATH|GOROOT|GOTOOLCHAIN|PGDATA|PG_MAJOR|MONGO_MAJOR|GPG_KEYS?|PHPIZE_DEPS)$|_(?:HOME|VERSION|PATH|DIR|ROOT|SHA256|SHA512|URL|DEPS|KEYS?|CFLAGS|CPPFLAGS|LDFLAGS|CONFDIR|CONFIG|ENVVARS|RELEASE)$/;

/** Could the variable come from the image at the bottom of the stage? */
export function mayComeFromImage(stage: Stage, name: string): boolean {
  if (name === 'PATH') return true;
  let bottom = stage;
  while (bottom.base !== undefined) bottom = bottom.base;
  const image = bottom.image?.text ?? '';
  const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  if (BARE.has(repository.replace(/^(?:docker\.io\/)?(?:library\/)?/, ''))) return false;
  return TYPICAL.test(name);
}
