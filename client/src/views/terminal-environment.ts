/** DOCKER_HOST in the terminals of the window: always the engine of the active host. And a docker command line, where lent. */
import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '#model/engine-api/errors.ts';
import type { ActiveHost } from '../hosts/active-host.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { type DockerHost, dockerHost } from '../terminal/docker-host.ts';
import type { Ui } from './ui.ts';

export interface TerminalEnvironment extends vscode.Disposable {
  /** Of the active host; made when it is first needed. undefined: no host is connected. */
  current(): Promise<DockerHost | undefined>;
  /** `PATH` with the lent programs in it. */
  readonly searchPath: string;
}

export function terminalEnvironment(
  variables: vscode.EnvironmentVariableCollection,
  active: ActiveHost,
  localSocket: () => string,
  ui: Ui,
  /** A folder with a docker command line, for machines that have none of their own. */
  programs: string | undefined,
): TerminalEnvironment {
  let shown: { readonly connection: EngineConnection; readonly host: Promise<DockerHost> } | undefined;
  const isOn = (): boolean => vscode.workspace.getConfiguration('slipway').get('terminal.setDockerHost', true);
  const drop = (): void => {
    void shown?.host.then((host) => host[Symbol.asyncDispose]()).catch(() => undefined);
    shown = undefined;
  };
  const current = async (): Promise<DockerHost | undefined> => {
    const connection = active.connection();
    if (connection !== shown?.connection) {
      drop();
      if (connection !== undefined) shown = { connection, host: dockerHost(connection, localSocket()) };
    }
    return await shown?.host;
  };
  const apply = async (): Promise<void> => {
    try {
      const host = await current();
      if (host === undefined || !isOn()) {
        variables.delete('DOCKER_HOST');
        return;
      }
      variables.replace('DOCKER_HOST', host.url);
      variables.description = `Slipway: docker and other clients use ${shown?.connection.label ?? 'its host'}`;
    } catch (error) {
      ui.log(`DOCKER_HOST could not be set: ${messageOf(error)}`);
    }
  };
  variables.persistent = false;
  if (programs !== undefined) variables.append('PATH', `:${programs}`);
  const stop = active.onChange(() => void apply());
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('slipway.terminal')) void apply();
  });
  void apply();
  return {
    current,
    searchPath: [process.env['PATH'], programs].filter((one) => one !== undefined).join(delimiter),
    dispose() {
      stop();
      settings.dispose();
      drop();
    },
  };
}
