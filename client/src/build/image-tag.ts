import path from 'node:path';

/**
 * What an image that is built from the editor is called: `FOLDER:latest`, `FOLDER:STAGE`; built from `Dockerfile.dev` or
 * `dev.dockerfile`, `FOLDER:dev` and `FOLDER:dev-STAGE`.
 * @param stage its name or number; undefined for the whole Dockerfile
 */
export function imageTag(context: string, dockerfile: string, stage: string | undefined): string {
  const repository = worded(path.basename(context)) || 'image';
  const variant = worded(
    path.basename(dockerfile).replace(/^(?:dockerfile|containerfile)[.-]?|\.(?:dockerfile|containerfile)$/gi, ''),
  );
  const target = stage === undefined ? '' : /^\d+$/.test(stage) ? `stage-${stage}` : worded(stage);
  const tag = [variant, target].filter((part) => part !== '').join('-');
  return `${repository}:${tag.slice(0, MOST) || 'latest'}`;
}

const MOST = 128;

/** Small letters and digits with single separators between them: the grammar of references allows that everywhere. */
function worded(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
