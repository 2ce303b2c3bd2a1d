import { EngineError } from '../engine-api/errors.ts';
import type { Mount } from '../engine-api/types.ts';
import type { MountSpec } from './config.ts';

/**
 * A mount of devcontainer.json or of `--mount`, as the Engine API wants it.
 * Throws EngineError('invalid') for what docker's own --mount would refuse.
 */
export function mountOf(spec: string | MountSpec): Mount {
  if (typeof spec !== 'string') return toMount(spec.type, spec.source, spec.target, spec.readonly ?? false);
  let type = 'volume';
  let source: string | undefined;
  let target: string | undefined;
  let readOnly = false;
  for (const part of spec.split(',')) {
    const [key = '', ...rest] = part.split('=');
    const value = rest.join('=');
    switch (key.trim()) {
      case 'type':
        type = value;
        break;
      case 'source':
      case 'src':
        source = value;
        break;
      case 'target':
      case 'dst':
      case 'destination':
        target = value;
        break;
      case 'readonly':
      case 'ro':
        readOnly = value === '' || value === 'true' || value === '1';
        break;
      case 'consistency': // macOS only, without effect elsewhere
      case 'external':
        break;
      default:
        throw new EngineError('invalid', `mount "${spec}": ${key} is not supported`);
    }
  }
  if (target === undefined) throw new EngineError('invalid', `mount "${spec}": target is missing`);
  return toMount(type, source, target, readOnly);
}

function toMount(type: string, source: string | undefined, target: string, readOnly: boolean): Mount {
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs') {
    throw new EngineError('invalid', `mount of ${target}: type ${type} is not one of bind, volume and tmpfs`);
  }
  if (!target.startsWith('/')) throw new EngineError('invalid', `mount target ${target} must be an absolute path`);
  if (type === 'bind' && (source === undefined || source === '')) {
    throw new EngineError('invalid', `bind mount of ${target}: source is missing`);
  }
  return {
    Type: type,
    Target: target,
    ...(source === undefined || type === 'tmpfs' ? {} : { Source: source }),
    ...(readOnly ? { ReadOnly: true } : {}),
  };
}
