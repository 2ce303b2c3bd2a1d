/** The image of the `pull` suite: ten layers, 500 MB of files that compress to about a third, the same on every machine. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type PushedImage, pushLayers } from '../support/registry-image.ts';
import { handMadeTar, type HandEntry } from '../support/tar-builder.ts';

/** Of the registry on loopback; fixed, because Podman is told of it before it starts. */
export const BENCH_REGISTRY_PORT = 45_719;
export const BENCH_REPOSITORY = 'bench/ten-layers';

const LAYERS = 10;
const KB = 1024;
/** Files of one layer: many small ones, as packages have, and a few libraries. */
const FILES: readonly { readonly count: number; readonly size: number }[] = [
  { count: 1500, size: 8 * KB },
  { count: 100, size: 140 * KB },
  { count: 4, size: 6 * KB * KB },
];

/** One byte in three is random: text and machine code compress like that. */
function material(): Buffer {
  const bytes = Buffer.alloc(8 * KB * KB);
  let block = createHash('sha256').update('slipway').digest();
  for (let at = 0; at < bytes.length; at += 3 * block.length) {
    block = createHash('sha256').update(block).digest();
    block.copy(bytes, at);
    const rest = Math.min(bytes.length, at + 3 * block.length);
    bytes.fill(`${at % 977} the quick brown fox jumps over the lazy dog `, Math.min(rest, at + block.length), rest);
  }
  return bytes;
}

function layer(number: number, source: Buffer): Buffer {
  const entries: HandEntry[] = [{ name: `layer${number}/`, type: '5' }];
  let at = number * 7919;
  for (const [group, { count, size }] of FILES.entries()) {
    entries.push({ name: `layer${number}/${group}/`, type: '5' });
    for (let i = 0; i < count; i++) {
      at = (at + 104_729) % (source.length - size);
      entries.push({ name: `layer${number}/${group}/${i}`, data: source.subarray(at, at + size) });
    }
  }
  return handMadeTar(entries);
}

/** Makes the image and puts it into the registry. */
export async function pushBenchImage(registry: string): Promise<PushedImage> {
  const source = material();
  const layers = Array.from({ length: LAYERS }, (_, i) => layer(i, source));
  const zipped = await Promise.all(layers.map((tar) => promisify(gzip)(tar)));
  return await pushLayers(registry, `${BENCH_REPOSITORY}:1`, layers, zipped);
}
