/** Platforms in query parameters: an OCI platform as JSON, where paths and forms of older APIs have `os/arch/variant`. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { normalisePlatform, type Platform } from '#model/oci/platform.ts';
import { parseJson } from '#model/engine-api/parse-json.ts';

/** undefined when the parameter is not given. Throws EngineError('invalid') in Docker's words. */
export function platformParameter(query: URLSearchParams, name = 'platform'): Platform | undefined {
  return platformParameters(query, name)[0];
}

/** Of a parameter that may be given several times. */
export function platformParameters(query: URLSearchParams, name: string): Platform[] {
  return query.getAll(name).filter(Boolean).map(parse);
}

function parse(text: string): Platform {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const why = messageOf(cause).replace('invalid JSON: ', '');
    throw new EngineError('invalid', `failed to parse platform: ${why}`, { cause });
  }
  const { os, architecture, variant } = (value ?? {}) as Record<string, unknown>;
  if (typeof os !== 'string' || typeof architecture !== 'string' || os === '' || architecture === '') {
    throw new EngineError('invalid', 'both OS and Architecture must be provided');
  }
  return normalisePlatform({ os, architecture, ...(typeof variant === 'string' ? { variant } : {}) });
}
