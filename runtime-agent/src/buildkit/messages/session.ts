/** The services of a client's session: its files, secrets, SSH agents and logins (moby/buildkit session/*, fsutil types). */
import { bigint, bytes, int64, maybe, message, string, stringMap, uint32 } from '../wire/protobuf.ts';

/** Without owners and extended attributes: files of a client are root's. */
export const Stat = message({
  path: string(1),
  /** Go's os.FileMode */
  mode: uint32(2),
  size: int64(5),
  /** Nanoseconds since 1970. */
  modTime: bigint(6),
  linkname: string(7),
  devmajor: int64(8),
  devminor: int64(9),
});
export const PACKET = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const;
export const Packet = message({ type: uint32(1), stat: maybe(2, Stat), ID: uint32(3), data: bytes(4) });

export const BytesMessage = message({ data: bytes(1) });

export const GetSecretRequest = message({ ID: string(1), annotations: stringMap(2) });
export const GetSecretResponse = message({ data: bytes(1) });

export const CheckAgentRequest = message({ ID: string(1) });
export const CheckAgentResponse = message({});

export const CredentialsRequest = message({ Host: string(1) });
export const CredentialsResponse = message({ Username: string(1), Secret: string(2) });
