/** Which definition each variable of a Dockerfile means: ARG and ENV, by stage, in order, inherited from base stages. */
import { append } from '#model/text/append.ts';
import type { Property } from '#model/dockerfile/syntax/properties.ts';
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { PLATFORM_ARGS, PREDEFINED_ARGS } from './predefined-args.ts';
import { type Scope, scopeBelow } from './scopes.ts';
import type { VariableSite } from './variable-sites.ts';

export interface Definition {
  readonly name: string;
  readonly kind: 'ARG' | 'ENV';
  readonly property: Property;
  readonly instruction: Instruction;
  /** Undefined: before the first FROM. */
  readonly stage: Stage | undefined;
  /** The global ARG that an ARG without a value takes its value from. */
  readonly inherits: Definition | undefined;
}

export interface VariableUse extends VariableSite {
  readonly instruction: Instruction;
  readonly stage: Stage | undefined;
  /** Undefined when nothing in the file defines it. */
  readonly definition: Definition | undefined;
  /** Defined by the builder itself: a proxy argument, or a platform argument in FROM. */
  readonly predefined: boolean;
}

export interface Variables {
  readonly definitions: readonly Definition[];
  readonly uses: readonly VariableUse[];
  usesIn(instruction: Instruction): readonly VariableUse[];
  /** The definitions that the variables in the instruction mean. */
  seenBy(instruction: Instruction): ReadonlyMap<string, Definition>;
}

type DefinitionScope = Pick<Scope<Definition>, 'get'>;

interface Resolving {
  readonly preamble: readonly Instruction[];
  readonly stages: readonly Stage[];
  sitesOf(instruction: Instruction): readonly VariableSite[];
  propertiesOf(instruction: Instruction): readonly Property[];
}

export function resolveVariables({ preamble, stages, sitesOf, propertiesOf }: Resolving): Variables {
  const definitions: Definition[] = [];
  const uses: VariableUse[] = [];
  const globals = scopeBelow<Definition>(undefined);
  const ends = new Map<Stage, Scope<Definition>>();

  const walk = (instruction: Instruction, scope: Scope<Definition>, stage: Stage | undefined): void => {
    const visible = instruction.keyword === 'FROM' ? globals : scope;
    const kind = instruction.keyword;
    let sites = sitesOf(instruction);
    // What an ARG defines, the next words of the same ARG see; of an ENV they do not.
    const useUpTo = (end: number): void => {
      const own = sites.filter(({ span }) => span.start < end);
      append(uses, usesOf(instruction, own, visible, stage));
      sites = sites.slice(own.length);
    };
    if (kind !== 'ARG') useUpTo(Infinity);
    if (kind !== 'ARG' && kind !== 'ENV') return;
    for (const property of propertiesOf(instruction)) {
      useUpTo(property.span.end);
      const inherits = stage !== undefined && kind === 'ARG' ? globals.get(property.name) : undefined;
      const definition: Definition = { name: property.name, kind, property, instruction, stage, inherits };
      definitions.push(definition);
      // An ARG never hides an ENV of the same name.
      if (kind === 'ENV' || scope.get(property.name)?.kind !== 'ENV') scope.set(property.name, definition);
    }
    useUpTo(Infinity);
  };

  for (const instruction of preamble) walk(instruction, globals, undefined);
  for (const stage of stages) {
    const scope = scopeBelow(stage.base === undefined ? undefined : ends.get(stage.base));
    walk(stage.from, scope, stage);
    for (const instruction of stage.instructions) walk(instruction, scope, stage);
    ends.set(stage, scope);
  }
  let byInstruction: ReadonlyMap<Instruction, readonly VariableUse[]> | undefined;
  return {
    definitions,
    uses,
    usesIn(instruction) {
      byInstruction ??= Map.groupBy(uses, (use) => use.instruction);
      return byInstruction.get(instruction) ?? [];
    },
    seenBy(instruction) {
      const defined = this.usesIn(instruction).flatMap(({ name, definition }) =>
        definition === undefined ? [] : [[name, definition] as const],
      );
      return new Map(defined);
    },
  };
}

function usesOf(
  instruction: Instruction,
  sites: readonly VariableSite[],
  scope: DefinitionScope,
  stage: Stage | undefined,
): VariableUse[] {
  if (sites.length === 0) return [];
  const isPredefined = (name: string): boolean =>
    PREDEFINED_ARGS.has(name) || (instruction.keyword === 'FROM' && PLATFORM_ARGS.has(name));
  return sites.map((site) => ({
    ...site,
    instruction,
    stage,
    definition: scope.get(site.name),
    predefined: isPredefined(site.name),
  }));
}

/** What is defined where the instruction stands; of a name defined twice the later one. */
export function definitionsBefore(
  { definitions }: Variables,
  instruction: Instruction,
  stage: Stage | undefined,
): Map<string, Definition> {
  const lineage = new Set<Stage | undefined>();
  for (let at = stage; at !== undefined; at = at.base) lineage.add(at);
  if (stage === undefined || instruction.keyword === 'FROM') lineage.clear();
  if (lineage.size === 0) lineage.add(undefined);
  const found = new Map<string, Definition>();
  for (const definition of definitions) {
    if (definition.instruction.span.start >= instruction.span.start || !lineage.has(definition.stage)) continue;
    found.set(definition.name, definition);
  }
  return found;
}
