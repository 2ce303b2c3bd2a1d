/** Which containers of a Compose project come before which. Pure. */
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { DEPENDS_LABEL, PROJECT_LABEL, SERVICE_LABEL } from '../explorer/compose-labels.ts';

export function membersOf(containers: readonly ContainerSummary[], project: string): ContainerSummary[] {
  return containers.filter(({ Labels }) => Labels?.[PROJECT_LABEL] === project);
}

/**
 * Groups that can be started one after the other, those of a group at the same time; stopped in the opposite order.
 * What depends on one another in a circle comes last, together.
 */
export function startGroups(members: readonly ContainerSummary[]): ContainerSummary[][] {
  const groups: ContainerSummary[][] = [];
  const present = new Set(members.map(serviceOf));
  const done = new Set<string>();
  let rest = [...members];
  while (rest.length > 0) {
    const ready = rest.filter((member) =>
      dependenciesOf(member).every((service) => done.has(service) || !present.has(service)),
    );
    const group = ready.length > 0 ? ready : rest;
    groups.push(group);
    for (const member of group) done.add(serviceOf(member));
    rest = rest.filter((member) => !group.includes(member));
  }
  return groups;
}

function serviceOf({ Labels, Id }: ContainerSummary): string {
  return Labels?.[SERVICE_LABEL] ?? Id ?? '';
}

function dependenciesOf({ Labels }: ContainerSummary): string[] {
  return (Labels?.[DEPENDS_LABEL] ?? '')
    .split(',')
    .map((entry) => entry.split(':')[0] ?? '')
    .filter((service) => service !== '');
}
