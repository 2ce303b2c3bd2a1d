/** Makes the images of recipes.ts, once per machine, and fills the registry that serves them. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { cachePath, exists } from '../../setup/cache.ts';
import type { Progress, Step } from '../../setup/progress.ts';
import { runProgram } from '../../setup/run-program.ts';
import { pushImage } from '../push.ts';
import { REGISTRY_STORAGE, startRegistry } from '../registry.ts';
import { blobPath, type Descriptor, type Layer, storeBlob, storeLayer } from './layer.ts';
import { type Recipe, RECIPES } from './recipes.ts';

/** What is kept of a made image beside its blobs. */
export interface MadeImage {
  readonly names: readonly string[];
  readonly layers: readonly Layer[];
  readonly config: Descriptor;
  readonly manifest: Descriptor;
  readonly index: Descriptor;
}

/** An OCI layout's `blobs`, and one JSON file per image in `made`. */
const STORE = cachePath('images');
const EXPECTED: Readonly<Record<string, string>> = { 'debian-12': 'about a minute', busybox: 'a few seconds' };

export function imageNames(): readonly string[] {
  return RECIPES.flatMap(({ names }) => names);
}

/** Makes those of the named images that are not made yet, and pushes them into the registry's storage. */
export async function makeImages(names: readonly string[], progress: Progress): Promise<void> {
  const wanted = RECIPES.filter((recipe) => recipe.names.some((name) => names.includes(name)));
  const missing = [];
  for (const recipe of wanted) if (!(await exists(pushedFile(recipe)))) missing.push(recipe);
  if (missing.length === 0) return;
  const making = new Map<string, Promise<MadeImage>>();
  const made = await Promise.all(missing.map((recipe) => makeImage(recipe, making, progress)));
  await using registry = await startRegistry({ storage: REGISTRY_STORAGE });
  for (const [i, recipe] of missing.entries()) {
    const image = made[i] as MadeImage;
    for (const name of recipe.names) await pushImage(registry.url, `library/${name}`, image, (d) => blobPath(STORE, d));
    await writeFile(pushedFile(recipe), '');
  }
}

/** Whether all of the named images can be served at once. */
export async function areImagesMade(names: readonly string[]): Promise<boolean> {
  const wanted = RECIPES.filter((recipe) => recipe.names.some((name) => names.includes(name)));
  return (await Promise.all(wanted.map((recipe) => exists(pushedFile(recipe))))).every(Boolean);
}

function makeImage(recipe: Recipe, making: Map<string, Promise<MadeImage>>, progress: Progress): Promise<MadeImage> {
  const running = making.get(recipe.id);
  if (running !== undefined) return running;
  const started = (async () => {
    const file = path.join(STORE, 'made', `${cacheKey(recipe)}.json`);
    if (await exists(file)) return JSON.parse(await readFile(file, 'utf8')) as MadeImage;
    const base = recipe.base === undefined ? undefined : await makeImage(recipeOf(recipe.base), making, progress);
    const title = `image ${recipe.names[0]} from Debian${recipe.id.startsWith('node') ? ' and npm' : ''} packages`;
    const image = await progress.step(title, EXPECTED[recipe.id] ?? 'about ten seconds', (step) =>
      buildImage(recipe, base, step),
    );
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.${process.pid}`, JSON.stringify(image));
    await rename(`${file}.${process.pid}`, file);
    return image;
  })();
  making.set(recipe.id, started);
  return started;
}

async function buildImage(recipe: Recipe, base: MadeImage | undefined, step: Step): Promise<MadeImage> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'slipway-image-'));
  try {
    const root = path.join(temporary, recipe.id);
    await mkdir(root, { mode: 0o755 });
    const lower = base?.layers.at(-1);
    await recipe.fill(root, step, async (name) => {
      if (lower === undefined) throw new Error(`image ${recipe.id} has no base to read ${name} from`);
      const args = ['--extract', '--gzip', '--to-stdout', '--file', blobPath(STORE, lower.digest), `./${name}`];
      return runProgram('tar', args);
    });
    step.detail('packing');
    return await describe(recipe, [...(base?.layers ?? []), await storeLayer(STORE, root)]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Configuration, manifest and index as in the OCI image specification. */
async function describe(recipe: Recipe, layers: readonly Layer[]): Promise<MadeImage> {
  const platform = { architecture: arch() === 'x64' ? 'amd64' : arch(), os: 'linux' };
  const created = new Date().toISOString();
  const configText = JSON.stringify({
    created,
    ...platform,
    config: recipe.config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created, created_by: `slipway set-up: ${recipe.id}` })),
  });
  const config = await storeBlob(STORE, 'application/vnd.oci.image.config.v1+json', configText);
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const layerList = layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  const manifestText = JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers: layerList });
  const manifest = await storeBlob(STORE, manifestType, manifestText);
  const indexType = 'application/vnd.oci.image.index.v1+json';
  const indexText = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [{ ...manifest, platform }] });
  return { names: recipe.names, layers, config, manifest, index: await storeBlob(STORE, indexType, indexText) };
}

function recipeOf(id: string): Recipe {
  const recipe = RECIPES.find((recipe) => recipe.id === id);
  if (recipe === undefined) throw new Error(`no image recipe ${id}`);
  return recipe;
}

function pushedFile(recipe: Recipe): string {
  return path.join(REGISTRY_STORAGE, `pushed-${cacheKey(recipe)}`);
}

/** Changes with the recipe, with those below it, and with the machine's architecture. */
function cacheKey(recipe: Recipe): string {
  const below = recipe.base === undefined ? '' : cacheKey(recipeOf(recipe.base));
  const text = JSON.stringify([recipe.id, recipe.edition, recipe.names, recipe.config, arch(), below]);
  return `${recipe.id}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}
