/** The command line of `npm start`. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

export interface StartOptions {
  /** Absolute; undefined: the sample. */
  readonly workspace: string | undefined;
  /** An entry of the SSH configuration, or `user@host`; undefined: this machine. */
  readonly ssh: string | undefined;
  readonly port: number;
}

const DEFAULT_PORT = 8642;

export const HELP = `Usage: npm start [-- OPTIONS]

Sets up what is missing, starts Slipway's engine on this machine and a VS Code with Slipway in it,
and prints the address to open. Ctrl-C stops both; containers live on.

  --workspace DIR  open this folder instead of the sample
  --ssh HOST       use this SSH host (an entry of ~/.ssh/config, or user@host) in place of this machine
  --port N         port of VS Code on the loopback interface (default: ${DEFAULT_PORT})
  --help           show this text
`;

/** @returns 'help', or the options. Throws with a message for the person. */
export function parseStartOptions(args: readonly string[], cwd: string): StartOptions | 'help' {
  const { values } = read(args);
  if (values.help === true) return 'help';
  return {
    workspace: values.workspace === undefined ? undefined : existingFolder(path.resolve(cwd, values.workspace)),
    ssh: values.ssh === undefined ? undefined : hostName(values.ssh),
    port: values.port === undefined ? DEFAULT_PORT : portNumber(values.port),
  };
}

function read(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { workspace: text, ssh: text, port: text, help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options });
  } catch (error) {
    throw new Error(`${(error as Error).message.replace(/\. .*/s, '')}.\nSee 'npm start -- --help'.`, { cause: error });
  }
}

function existingFolder(folder: string): string {
  if (!existsSync(folder)) throw new Error(`--workspace ${folder}: there is no such folder.`);
  if (!statSync(folder).isDirectory()) throw new Error(`--workspace ${folder}: this is not a folder.`);
  return folder;
}

function hostName(host: string): string {
  if (/^[\w.@:[\]-]+$/.test(host) && !host.startsWith('-')) return host;
  throw new Error(`--ssh ${host}: not a host name; give an entry of ~/.ssh/config or user@host.`);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`--port ${text}: not a port; give a number from 1 to 65535.`);
}
