/** What is ours alone, beside Docker's API: everything under /slipway/v1. */
import type { Route } from '../route.ts';
import { type ContainerToolsDeps, containerToolRoutes } from './slipway-containers.ts';
import { type WorkspaceRoutesDeps, workspaceRoutes } from './slipway-workspaces.ts';

export type SlipwayRoutesDeps = ContainerToolsDeps & WorkspaceRoutesDeps;

export function slipwayRoutes(deps: SlipwayRoutesDeps): readonly Route[] {
  return [...containerToolRoutes(deps), ...workspaceRoutes(deps)];
}
