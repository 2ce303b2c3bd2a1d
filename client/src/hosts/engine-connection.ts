/** A live connection to one engine: Slipway's own (on this machine or over SSH), or a Docker or Podman socket. */
import type { Duplex, Readable } from 'node:stream';
import type { DockerClient } from '@docker/node-sdk';

export type HostKind = 'local' | 'ssh' | 'socket';

export interface EngineCallOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** An object is sent as JSON; bytes and streams as they are. */
  readonly body?: object | Uint8Array | Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface EngineConnection extends AsyncDisposable {
  /** Stable identity of the host: `local`, `ssh:NAME`, `socket:PATH`. */
  readonly id: string;
  readonly label: string;
  readonly kind: HostKind;
  /** For Docker's API. */
  readonly docker: DockerClient;
  /** Opens a byte stream to the engine's socket. */
  dial(signal?: AbortSignal): Promise<Duplex>;
  /** Calls the API, ours under /slipway/v1 too, and parses the JSON answer. Errors are EngineErrors. */
  call<T>(method: string, path: string, options?: EngineCallOptions): Promise<T>;
  /** Like call, but the answer's body as it arrives. */
  stream(method: string, path: string, options?: EngineCallOptions): Promise<Readable>;
  /** Upgrades the connection (exec, attach, port relay) to a raw two-way stream. */
  upgrade(method: string, path: string, options?: EngineCallOptions): Promise<Duplex>;
  /** Emits once when the connection is lost; the reason is for a person. */
  onLost(listener: (reason: string) => void): () => void;
  /** Runs a program on the host itself (not in a container): used to set hosts up. */
  run(
    command: string,
    options?: { readonly input?: Uint8Array; readonly signal?: AbortSignal },
  ): Promise<{
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }>;
  /** Copies a local file to the host (SFTP on SSH hosts), verified by hash; a file already there is not sent again. */
  upload(
    localFile: string,
    remoteFile: string,
    options?: { readonly signal?: AbortSignal; readonly progress?: (bytes: number, total: number) => void },
  ): Promise<void>;
}
