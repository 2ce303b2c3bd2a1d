/** Which documents the language server gets: those on disk, new ones, and files of containers; not the old sides of diffs. */
import { FILES_SCHEME } from '../files/file-uri.ts';

interface Filter {
  readonly scheme: string;
  readonly language?: string;
  readonly pattern?: string;
}

const SCHEMES = ['file', 'untitled', FILES_SCHEME];
const KINDS: readonly Omit<Filter, 'scheme'>[] = [
  { language: 'dockerfile' },
  { language: 'dockercompose' },
  // The server looks at the whole name.
  { language: 'yaml', pattern: '**/*{compose,Compose}*.{yml,yaml}' },
  { pattern: '**/{.dockerignore,*.dockerignore,.containerignore,*.containerignore}' },
  { pattern: '**/{devcontainer,.devcontainer}.json' },
];

export const DOCUMENT_SELECTOR: Filter[] = SCHEMES.flatMap((scheme) => KINDS.map((kind) => ({ scheme, ...kind })));
