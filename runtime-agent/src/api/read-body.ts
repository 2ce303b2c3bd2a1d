/** Decodes a JSON body; what does not fit the schema is refused with the field's name. */
import * as v from 'valibot';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Call } from './route.ts';

type Schema = v.GenericSchema<unknown, unknown>;

/** An object of strings. To the schema library a list is an object too: here it is not. */
export const stringMap = v.pipe(
  v.custom<object>((value) => typeof value === 'object' && !Array.isArray(value), 'expected an object of strings'),
  v.record(v.string(), v.string()),
);

/** Fields that are null count as absent, as in Go's JSON. Throws EngineError('invalid'). */
export async function readBody<S extends Schema>(call: Pick<Call, 'json'>, schema: S): Promise<v.InferOutput<S>> {
  const body = await call.json();
  if (Array.isArray(body)) throw new EngineError('invalid', 'invalid JSON: body: expected Object, received Array');
  const result = v.safeParse(schema, withoutNulls(body));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'body';
  const message = `invalid JSON: ${where}: expected ${issue.expected ?? 'something else'}, received ${issue.received}`;
  throw new EngineError('invalid', message);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([name, field]) => [name, withoutNulls(field)]));
}
