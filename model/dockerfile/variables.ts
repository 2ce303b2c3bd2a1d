/** Which definition each variable of a Dockerfile means: ARG and ENV, by stage, in order, inherited from base stages. */
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
  /** The definitions of that name, in the order of the text. */
  named(name: string): readonly Definition[];
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

  const use = (
    instruction: Instruction,
    sites: readonly VariableSite[],
    scope: DefinitionScope,
    stage: Stage | undefined,
  ): void => {
    for (const { name, span, nameSpan, by } of sites) {
      const predefined = PREDEFINED_ARGS.has(name) || (instruction.keyword === 'FROM' && PLATFORM_ARGS.has(name));
      uses.push({ name, span, nameSpan, by, instruction, stage, definition: scope.get(name), predefined });
    }
  };
  const define = (
    instruction: Instruction,
    kind: Definition['kind'],
    scope: Scope<Definition>,
    stage: Stage | undefined,
  ): void => {
    let sites = sitesOf(instruction);
    if (kind === 'ENV') use(instruction, sites, scope, stage);
    for (const property of propertiesOf(instruction)) {
      if (kind === 'ARG' && sites.length > 0) {
        // What an ARG defines, the next words of the same ARG see; of an ENV they do not.
        const own = sites.filter(({ span }) => span.start < property.span.end);
        use(instruction, own, scope, stage);
        sites = sites.slice(own.length);
      }
      const inherits = stage !== undefined && kind === 'ARG' ? globals.get(property.name) : undefined;
      const definition: Definition = { name: property.name, kind, property, instruction, stage, inherits };
      definitions.push(definition);
      // An ARG never hides an ENV of the same name.
      if (kind === 'ENV' || scope.get(property.name)?.kind !== 'ENV') scope.set(property.name, definition);
    }
    if (kind === 'ARG') use(instruction, sites, scope, stage);
  };
  const walk = (instruction: Instruction, scope: Scope<Definition>, stage: Stage | undefined): void => {
    const { keyword } = instruction;
    if (keyword === 'ARG' || keyword === 'ENV') define(instruction, keyword, scope, stage);
    else use(instruction, sitesOf(instruction), keyword === 'FROM' ? globals : scope, stage);
  };

  for (const instruction of preamble) walk(instruction, globals, undefined);
  for (const stage of stages) {
    const scope = scopeBelow(stage.base === undefined ? undefined : ends.get(stage.base));
    walk(stage.from, scope, stage);
    for (const instruction of stage.instructions) walk(instruction, scope, stage);
    ends.set(stage, scope);
  }
  let byInstruction: ReadonlyMap<Instruction, readonly VariableUse[]> | undefined;
  let byName: ReadonlyMap<string, readonly Definition[]> | undefined;
  return {
    definitions,
    uses,
    named(name) {
      byName ??= Map.groupBy(definitions, (definition) => definition.name);
      return byName.get(name) ?? [];
    },
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

/** What is defined where the instruction stands; of a name defined twice the later one. */
export function definitionsBefore(
  { definitions }: Variables,
  instruction: Instruction,
  stage: Stage | undefined,
): Map<string, Definition> {
  const isVisible = visibleAt(instruction, stage);
  return new Map(definitions.filter(isVisible).map((definition) => [definition.name, definition]));
}

/** Which definitions there are for the instruction: those above it, of its stage and the stages below. */
export function visibleAt(instruction: Instruction, stage: Stage | undefined): (definition: Definition) => boolean {
  const lineage = new Set<Stage | undefined>();
  if (instruction.keyword !== 'FROM') for (let at = stage; at !== undefined; at = at.base) lineage.add(at);
  if (lineage.size === 0) lineage.add(undefined);
  return (definition) => definition.instruction.span.start < instruction.span.start && lineage.has(definition.stage);
}
