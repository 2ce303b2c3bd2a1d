import { COMPOSE_FILE } from '#model/compose/schema/compose-file.ts';
import type { Field, Schema } from '#model/compose/schema/schema.ts';

/** The shapes that a value at the path may have: several where the specification leaves a choice. */
export function schemasAt(path: readonly string[]): Schema[] {
  let schemas: Schema[] = flatten(COMPOSE_FILE);
  for (const step of path) {
    schemas = schemas.flatMap((schema) => {
      const next = stepInto(schema, step);
      return next === undefined ? [] : flatten(next);
    });
  }
  return schemas;
}

/** What the specification says about the last key of the path. */
export function fieldAt(path: readonly string[]): Field | undefined {
  const key = path.at(-1) ?? '';
  for (const schema of schemasAt(path.slice(0, -1))) {
    if (schema.kind === 'map' && Object.hasOwn(schema.fields, key)) return schema.fields[key];
  }
  return undefined;
}

function stepInto(schema: Schema, step: string): Schema | undefined {
  if (step === '[]') return schema.kind === 'list' ? schema.item : undefined;
  if (schema.kind === 'dictionary') return schema.value;
  return schema.kind === 'map' && Object.hasOwn(schema.fields, step) ? schema.fields[step]?.schema : undefined;
}

function flatten(schema: Schema): Schema[] {
  return schema.kind === 'choice' ? schema.options.flatMap(flatten) : [schema];
}
