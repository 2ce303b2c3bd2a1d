/** What dclint's configuration in the working directory says about the search for Compose files. */
import { DISK, type Files } from '../files.ts';
import { readDclintConfig } from '../compose/dclint-config.ts';

const PROGRAMS = ['.dclintrc', 'dclint.config'].flatMap((name) =>
  ['js', 'cjs', 'mjs', 'ts'].map((end) => `${name}.${end}`),
);

export interface DclintExclusions {
  /** Of a path below the working directory, with slashes. */
  isExcluded(path: string): boolean;
  /** What the user should know: configuration that is a program would have to be run to be read. */
  readonly notice: string | undefined;
}

/** @param folder the working directory; @param text of the file that `--config` names */
export function dclintExclusions(folder: string, text: string | undefined, files: Files = DISK): DclintExclusions {
  const place = `${folder}/compose.yaml`;
  const config = text === undefined ? undefined : { text, environment: {} };
  const { exclude } = readDclintConfig({ path: place, files, ...(config === undefined ? {} : { config }) });
  const program =
    config === undefined ? PROGRAMS.find((name) => files.kind(`${folder}/${name}`) === 'file') : undefined;
  return {
    isExcluded(path) {
      const own = path.replace(/^(?:\.\/)+/, '');
      const names = own.split('/');
      return exclude.some((one) => {
        const wanted = one.replaceAll(/^\.\/|\/$/g, '');
        return names.includes(wanted) || own === wanted || own.startsWith(`${wanted}/`);
      });
    },
    notice:
      program === undefined
        ? undefined
        : `${program} is a program and is not run: write what it says into .dclintrc.json`,
  };
}
