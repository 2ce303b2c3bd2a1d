import { ignoreFileError, type IgnorePatterns, parseIgnoreFile } from '#model/dockerfile/ignore-file.ts';
import { EngineError } from '#model/engine-api/errors.ts';

/** Throws EngineError('invalid') for a pattern that is none: nobody wants to send what they meant to keep back. */
export function readIgnoreFile(text: string): IgnorePatterns {
  const error = ignoreFileError(text);
  if (error !== undefined) throw new EngineError('invalid', `.dockerignore: ${error}`);
  return parseIgnoreFile(text);
}
