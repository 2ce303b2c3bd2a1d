/** Where the Dockerfile and the context of a BuildKit client's build are: with the client, or at an address. */
import { Readable } from 'node:stream';
import type { BuildRequest } from '../../build/request.ts';
import { BytesMessage } from '../messages/session.ts';
import type { SessionFiles } from '../session/session-files.ts';
import type { ClientSession } from '../session/sessions.ts';
import type { Uploads } from './uploads.ts';
import type { FrontendOptions } from './frontend-options.ts';

const PULL = '/moby.upload.v1.Upload/Pull';
/** What the client had on its standard input. */
const UPLOAD = 'http://buildkit-session/';
/** The same, of clients that send it in a request of its own. */
const UPLOAD_REQUEST = 'upload-request:';

interface Scope {
  readonly session: ClientSession;
  readonly files: SessionFiles;
  readonly uploads: Uploads;
  readonly signal: AbortSignal;
  readonly filename: string;
}

export async function remoteOf(
  options: FrontendOptions,
  { session, files, uploads, signal, filename }: Scope,
): Promise<Pick<BuildRequest, 'remote' | 'context' | 'files' | 'dockerfile' | 'dockerfileFrom'>> {
  const remote = options['context'] ?? '';
  if (remote === '') return { files };
  // A Dockerfile of the client's for what is elsewhere.
  const dockerfileFrom = options['dockerfilekey'] === undefined ? {} : { dockerfileFrom: files };
  const common = { dockerfile: filename, ...dockerfileFrom };
  if (remote.startsWith(UPLOAD_REQUEST)) return { ...common, context: await uploads.take(remote, signal) };
  return remote.startsWith(UPLOAD) ? { ...common, context: uploaded(session, remote, signal) } : { ...common, remote };
}

function uploaded({ client }: ClientSession, address: string, signal: AbortSignal): Readable {
  const headers = { urlpath: new URL(address).pathname, urlhost: new URL(address).host };
  const stream = client.stream(PULL, [BytesMessage, BytesMessage], { headers, signal });
  stream.end();
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for await (const { data } of stream.answers) yield data;
  };
  return Readable.from(chunks(), { objectMode: false });
}
