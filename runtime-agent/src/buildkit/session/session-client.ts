/** What a build asks of a BuildKit client: its secrets, SSH agents, logins and folders, and who takes its outputs. */
import { Duplex, type Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { DEFAULT_DOMAIN } from '#model/oci/reference.ts';
import type { BuildClient } from '../../build/build-client.ts';
import type { RegistryCredentials } from '../../images/images.ts';
import {
  BytesMessage,
  CheckAgentRequest,
  CheckAgentResponse,
  CredentialsRequest,
  CredentialsResponse,
  GetSecretRequest,
  GetSecretResponse,
} from '../messages/session.ts';
import { sendFolder } from './send-folder.ts';
import { LOCAL_CACHE, sessionContent } from './session-content.ts';
import type { SessionFiles } from './session-files.ts';
import type { ClientSession } from './sessions.ts';

const SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret';
const CHECK_AGENT = '/moby.sshforward.v1.SSH/CheckAgent';
const FORWARD_AGENT = '/moby.sshforward.v1.SSH/ForwardAgent';
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';
const FILE_SEND = '/moby.filesync.v1.FileSend/DiffCopy';

export interface SessionClientOptions {
  readonly session: ClientSession;
  readonly files: SessionFiles;
  readonly signal: AbortSignal;
  /** How the client takes each output, by its name. */
  readonly outputs: ReadonlyMap<string, 'folder' | 'file'>;
  /** For what is on its way to the client. */
  readonly directory: string;
}

export function sessionClient({ session, files, signal, outputs, directory }: SessionClientOptions): BuildClient {
  const { client } = session;
  return {
    async secret(ID) {
      if (!session.serves(SECRET)) throw new EngineError('not-found', `secret ${ID}: not found`);
      return (await client.call(SECRET, [GetSecretRequest, GetSecretResponse], { ID }, signal)).data;
    },
    context: (name) => files.folder(name),
    file: (name, path) => sessionContent(session, name.startsWith(LOCAL_CACHE) ? name : `oci:${name}`, path, signal),
    async hasAgent(ID) {
      if (!session.serves(CHECK_AGENT)) return false;
      try {
        await client.call(CHECK_AGENT, [CheckAgentRequest, CheckAgentResponse], { ID }, signal);
        return true;
      } catch (error) {
        if (signal.aborted || !(error instanceof EngineError) || error.code === 'unavailable') throw error;
        return false; // the client says that it is not set
      }
    },
    agent: (id) => Promise.resolve(agentConnection(session, id, signal)),
    async deliver(name, content) {
      if (!session.serves(FILE_SEND)) throw new EngineError('invalid', 'the client does not take what was built');
      if (outputs.get(name) === 'folder') await sendFolder(session, content, { method: FILE_SEND, directory, signal });
      else await sendFile(session, content, signal);
    },
  };
}

function agentConnection({ client }: ClientSession, id: string, signal: AbortSignal): Duplex {
  const headers = { 'buildkit.ssh.id': id };
  const stream = client.stream(FORWARD_AGENT, [BytesMessage, BytesMessage], { headers, signal });
  const duplex = new Duplex({
    read() {},
    write(data: Buffer, _encoding, done) {
      stream.send({ data }).then(() => done(), done);
    },
    final(done) {
      stream.end();
      done();
    },
    destroy(error, done) {
      stream.cancel();
      done(error);
    },
  });
  const take = async (): Promise<void> => {
    for await (const { data } of stream.answers) duplex.push(data);
    duplex.push(null);
  };
  take().catch((error: Error) => duplex.destroy(error));
  return duplex;
}

async function sendFile({ client }: ClientSession, content: Readable, signal: AbortSignal): Promise<void> {
  const stream = client.stream(FILE_SEND, [BytesMessage, BytesMessage], { signal });
  for await (const data of content as AsyncIterable<Buffer>) await stream.send({ data });
  stream.end();
  for await (const _ of stream.answers); // until the client says that it has it
}

/** The client's login for a registry; undefined when it has none. */
export async function sessionLogin(
  { client, serves }: ClientSession,
  registry: string,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  if (!serves(CREDENTIALS)) return undefined;
  const Host = registry === DEFAULT_DOMAIN ? 'registry-1.docker.io' : registry;
  const { Username, Secret } = await client.call(
    CREDENTIALS,
    [CredentialsRequest, CredentialsResponse],
    { Host },
    signal,
  );
  if (Secret === '') return undefined;
  return Username === '' ? { identitytoken: Secret } : { username: Username, password: Secret };
}
