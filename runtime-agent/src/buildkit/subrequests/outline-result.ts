/** `docker build --call=outline`: what a target can be given. */
import { expandText } from '#model/dockerfile/expand.ts';
import { readMountOption } from '#model/dockerfile/mount-option.ts';
import type { Step } from '#model/dockerfile/stages.ts';
import { neededStages } from '../../build/plan/needed-stages.ts';
import { targetStage } from '../../build/plan/stage-names.ts';
import type { AskedDockerfile, SubrequestResult } from './subrequest.ts';
import { descriptionOf, locationOf } from './locations.ts';
import { textTable } from './text-table.ts';

interface Parameter {
  readonly name: string;
  readonly description?: string;
  readonly value?: string | undefined;
  readonly required?: boolean;
  readonly location: ReturnType<typeof locationOf>;
}

export function outlineResult(asked: AskedDockerfile): SubrequestResult {
  const { text, dockerfile, target } = asked;
  const needed = neededStages(dockerfile, target);
  const stage = dockerfile.stages[targetStage(dockerfile.stages, target)];
  const steps = [
    ...dockerfile.globals,
    ...dockerfile.stages.filter(({ index }) => needed.has(index)).flatMap((one) => one.steps),
  ];
  const args = firstOfEach(argumentsOf(steps, asked));
  const [secrets, ssh] = [firstOfEach(mountsOf(steps, 'secret')), firstOfEach(mountsOf(steps, 'ssh'))];
  const description = stage?.name === undefined ? '' : descriptionOf(text, stage.from.line, stage.name);
  const head = { name: stage?.name, description };
  return {
    json: {
      ...withoutEmpty(head),
      ...(args.length > 0 ? { args } : {}),
      ...(secrets.length > 0 ? { secrets } : {}),
      ...(ssh.length > 0 ? { ssh } : {}),
      sources: [Buffer.from(text).toString('base64')],
    },
    text: outlineText(head, args, secrets, ssh),
  };
}

function argumentsOf(steps: readonly Step[], { text, given, dockerfile }: AskedDockerfile): Parameter[] {
  const values = new Map<string, string>();
  return steps.flatMap(({ command, line }) => {
    if (command.kind !== 'ARG') return [];
    return command.args.map(({ name, value }) => {
      const known =
        given[name] ?? (value === undefined ? values.get(name) : expanded(value, values, dockerfile.escape));
      if (known !== undefined) values.set(name, known);
      return withoutEmpty({
        name,
        description: descriptionOf(text, line, name),
        value: known,
        location: locationOf(line),
      });
    });
  });
}

function expanded(value: string, values: ReadonlyMap<string, string>, escape: '\\' | '`'): string {
  return expandText(value, (name) => values.get(name), { escape }).value;
}

function mountsOf(steps: readonly Step[], type: 'secret' | 'ssh'): Parameter[] {
  return steps.flatMap(({ command, line }) => {
    if (command.kind !== 'RUN') return [];
    return command.mounts.flatMap((option) => {
      const { mount } = { mount: undefined, ...readMountOption(option) };
      if (mount?.type !== type) return [];
      return [{ name: mount.id, ...(mount.required ? { required: true } : {}), location: locationOf(line) }];
    });
  });
}

function firstOfEach(parameters: readonly Parameter[]): Parameter[] {
  return [...new Map(parameters.toReversed().map((one) => [one.name, one])).values()].toReversed();
}

function withoutEmpty<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== '')) as T;
}

function outlineText(
  { name = '', description }: { readonly name: string | undefined; readonly description: string },
  args: readonly Parameter[],
  secrets: readonly Parameter[],
  ssh: readonly Parameter[],
): string {
  const head = description === '' ? `TARGET: ${name}\n\n` : `TARGET:      ${name}\nDESCRIPTION: ${description}\n\n`;
  const table = (title: readonly string[], rows: readonly (readonly string[])[]): string =>
    rows.length === 0 ? '' : `${textTable([title, ...rows], 3)}\n`;
  const named = (parameters: readonly Parameter[]): string[][] =>
    parameters.map((one) => [one.name, one.required ? 'true' : '']);
  return [
    name === '' ? '' : head,
    table(
      ['BUILD ARG', 'VALUE', 'DESCRIPTION'],
      args.map((one) => [one.name, one.value ?? '', one.description ?? '']),
    ),
    table(['SECRET', 'REQUIRED'], named(secrets)),
    table(['SSH', 'REQUIRED'], named(ssh)),
  ].join('');
}
