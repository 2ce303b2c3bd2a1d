/**
 * What the outcome of a test file depends on in the repository: the files that it and they name, and so on. Every piece of
 * text between quotes that names a file or folder there is taken for a use of it: an import, a program, a fixture. So more
 * is found than is used, which costs a run; a name that a test computes must have its folder in quotes.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export interface Inputs {
  /** Of all contents, and of what the environment says to them. */
  keyOf(file: string): string;
  /** Absolute, sorted; with the file itself. */
  filesOf(file: string): readonly string[];
}

/** Made, not written; what they are made of is found through what makes them. */
const NO_INPUT = new Set(['node_modules', 'dist', 'artifacts', '.git']);

/** Words without a slash or dot are names of files only where the repository itself is worked on. */
const WORKS_ON_FILES = /^(test|tools)\/|\.test\.ts$/;

const CODE = /\.(ts|mts|cts|js|mjs|cjs|py)$/;

/**
 * @param root of the repository
 * @param env what files read of it in the manner of `process.env['NAME']` is part of their keys
 */
export function inputsOf(root: string, env: NodeJS.ProcessEnv = process.env): Inputs {
  const contents = new Map<string, string>();
  const named = new Map<string, readonly string[]>();

  function contentOf(file: string): string {
    const known = contents.get(file) ?? readFileSync(file, 'utf8');
    contents.set(file, known);
    return known;
  }

  function namedIn(file: string): readonly string[] {
    const known = named.get(file) ?? [...new Set(namesIn(path.relative(root, file), contentOf(file)).flatMap(found))];
    named.set(file, known);
    return known;

    function found(name: string): string[] {
      return [path.dirname(file), root].flatMap((base) => filesAt(root, base, name));
    }
  }

  function filesOf(file: string): readonly string[] {
    const all = new Set([file]);
    // A Set that grows is walked to its end.
    for (const each of all) for (const next of namedIn(each)) all.add(next);
    return [...all].sort();
  }

  const digests = new Map<string, string>();
  function digestOf(file: string): string {
    const known = digests.get(file) ?? digest(readFileSync(file), variablesOf(file));
    digests.set(file, known);
    return known;
  }

  function variablesOf(file: string): string {
    if (!CODE.test(file)) return '';
    const names = [...contentOf(file).matchAll(/\benv\??\.?\[?'?([A-Z][A-Z0-9_]+)\b/g)].map(([, name]) => name ?? '');
    return JSON.stringify(names.filter((name) => !OF_EVERY_RUN.has(name)).map((name) => [name, env[name]]));
  }

  return {
    filesOf,
    keyOf: (file) => digest(...filesOf(file).flatMap((each) => [path.relative(root, each), digestOf(each)])),
  };
}

/** Differ between runs without making a difference. */
const OF_EVERY_RUN = new Set(['PATH', 'INIT_CWD', 'NODE_COMPILE_CACHE', 'NODE_TEST_CONTEXT', 'NODE_OPTIONS']);

function digest(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Pieces of text that may be names; a template's expressions separate pieces. */
function namesIn(file: string, content: string): string[] {
  if (path.basename(file) === '.vscodeignore') return [...content.matchAll(/^!(.+)$/gm)].map(([, name]) => name ?? '');
  if (!CODE.test(file)) return [];
  const free = WORKS_ON_FILES.test(file);
  const pieces = content.split(/['"`\n]|\$\{[^}]*\}/);
  return pieces.filter((piece) =>
    (free ? /^#?[\w.@/*{},+-]*[./][\w.@/*{},+-]*$/ : /^(\.{1,2}\/|#)[\w.@/-]+$/).test(piece),
  );
}

function filesAt(root: string, base: string, name: string): string[] {
  const place = name.startsWith('#') ? path.join(root, name.slice(1)) : path.resolve(base, `./${name}`);
  const relative = path.relative(root, place);
  // The root, or what a file is in anyway, says nothing; where everything is meant, what is meant is named besides.
  if (relative === '' || relative.startsWith('..')) return [];
  if (relative.split('/')[0] === 'dist')
    return [path.join(root, madeFrom(relative))].filter((file) => existsSync(file));
  if (relative.split('/').some((part) => NO_INPUT.has(part))) return [];
  if (place.includes('*') && !/^(\.{1,2}\/)*[\w{]/.test(name)) return []; // such as the start of a comment
  if (place.includes('*'))
    return globSync(relative, { cwd: root })
      .filter(isNoTest)
      .flatMap((found) => filesAt(root, root, found));
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat?.isFile() === true) return [place];
  if (stat?.isDirectory() !== true || base.startsWith(`${place}/`) || base === place) return [];
  return readdirSync(place)
    .filter(isNoTest)
    .flatMap((entry) => filesAt(root, place, entry));
}

/** The engine's bundle is made of the engine alone; whatever else the build makes, all that it names. */
function madeFrom(product: string): string {
  return product.startsWith('dist/agent/') ? 'runtime-agent/src/main.ts' : 'tools/build.ts';
}

/** Tests are no fixtures: a folder or pattern means what lies beside them. */
function isNoTest(name: string): boolean {
  return !name.endsWith('.test.ts');
}
