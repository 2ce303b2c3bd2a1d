/** The body of an answer as plain data, by its content type. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { createFrameReader } from '../../model/engine-api/stream-frames.ts';

/** JSON, a list of JSON values, frames, tar entries, or text. */
export async function decode(type: string, body: Buffer): Promise<unknown> {
  if (body.length === 0) return '';
  if (type.startsWith('application/json') || type.startsWith('application/x-ndjson')) return json(body.toString());
  if (type.startsWith('application/vnd.docker.multiplexed-stream')) return frames(body);
  if (type.startsWith('application/x-tar')) return entries(body);
  return body.toString();
}

function json(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return lines.length > 1 ? lines.map((line) => JSON.parse(line) as unknown) : JSON.parse(text);
  } catch {
    return text;
  }
}

/** What each stream brought, in order; frames of one stream that follow one another count as one. */
export function frames(body: Buffer): readonly string[] {
  const read = createFrameReader();
  const found: [string, string][] = [];
  try {
    for (const { stream, payload } of read(body)) {
      const last = found.at(-1);
      const text = Buffer.from(payload).toString();
      if (last?.[0] === stream) last[1] += text;
      else found.push([stream, text]);
    }
  } catch {
    return [`no frames: ${body.toString('latin1')}`];
  }
  return found.map(([stream, text]) => `${stream}: ${text}`);
}

async function entries(body: Buffer): Promise<readonly object[]> {
  const found: object[] = [];
  const reader = Readable.from([body]).pipe(extract());
  for await (const entry of reader) {
    const { name, type, mode, uid, gid, uname, gname, linkname, size } = entry.header;
    const content = await buffer(entry);
    const text = type === 'file' && (size ?? 0) < 200 ? content.toString() : undefined;
    found.push({ name, type, mode: mode?.toString(8), uid, gid, uname, gname, linkname, text });
  }
  return JSON.parse(JSON.stringify(found)) as object[];
}
