/** COPY and ADD. */
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { copyParts, isContextPath } from '../../dockerfile/copy-sources.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import { mayComeFromImage } from '../../dockerfile/image-environment.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

const ARCHIVE = /\.(?:tar|tar\.(?:gz|bz2|xz|zst|lzma|Z)|tgz|tbz2?|txz|tzst|tlz|gz|bz2|xz|zst|lzma|Z)$/;
const TAR = /\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz|tzst|tlz)$/;

const copyNotAdd: DockerfileRule = {
  id: 'DL3020',
  severity: 'error',
  title: 'Files and folders are taken with COPY, not with ADD',
  *check({ instructions }) {
    for (const instruction of instructions) {
      const { sources, destination } = copyParts(instruction);
      if (instruction.keyword !== 'ADD' || destination === undefined) continue;
      const isPlain = sources.every(({ text }) => isContextPath(text) && !ARCHIVE.test(text) && !/[$*?]/.test(text));
      if (!isPlain || instruction.flags.some(({ name }) => name === 'unpack' || name === 'checksum')) continue;
      const copy = instruction.name === 'add' ? 'copy' : 'COPY';
      yield {
        span: instruction.nameSpan,
        message: 'ADD also unpacks and downloads: COPY says that neither is meant',
        fixes: [{ title: 'Change to COPY', edits: [{ span: instruction.nameSpan, text: copy }], safe: true }],
      };
    }
  },
};

const folderDestination: DockerfileRule = {
  id: 'DL3021',
  severity: 'error',
  title: 'COPY of several files goes to a folder: the destination ends with a slash',
  *check({ instructions }) {
    for (const instruction of instructions) {
      const { sources, destination } = copyParts(instruction);
      if (
        (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') ||
        sources.length < 2 ||
        destination === undefined
      )
        continue;
      const isFolder = /[/\\]$|(?:^|\/)\.{1,2}$|\$\{?\w+[^/]*$/.test(destination.text);
      if (isFolder) continue;
      const end = instruction.json === undefined ? destination.span.end : destination.span.end - 1;
      const fixes = [{ title: 'Add a slash', edits: [{ span: { start: end, end }, text: '/' }], safe: true as const }];
      const message = `several sources go to a folder: the destination '${destination.text}' must end with /`;
      yield { span: destination.span, message, fixes };
    }
  },
};

/** Copied as it is, then unpacked: ADD does both, in one layer. */
const addArchives: DockerfileRule = {
  id: 'DL3010',
  severity: 'information',
  title: 'Archives that are unpacked are taken with ADD',
  *check({ stages, runs }) {
    for (const stage of stages) {
      const unpacking = runs
        .filter((step) => step.stage === stage)
        .flatMap(({ commands }) => commands)
        .filter(
          ({ program, args }) =>
            program.text === 'tar' &&
            args.some(
              ({ text }, i) => (i === 0 && /^-?[a-z]*x/.test(text)) || /^(?:-[a-z]*x|--extract|--get)/.test(text),
            ),
        );
      for (const instruction of stage.instructions) {
        const { sources, from } = copyParts(instruction);
        if (instruction.keyword !== 'COPY' || from !== undefined) continue;
        for (const { text, span } of sources) {
          const name = text.split('/').at(-1) ?? '';
          if (!TAR.test(name) || !unpacking.some(({ args }) => args.some((arg) => arg.text.endsWith(name)))) continue;
          yield {
            span,
            message: `'${name}' is copied and then unpacked: ADD unpacks it in one step, without keeping the archive`,
          };
        }
      }
    }
  },
};

const copyToRelative: DockerfileRule = {
  id: 'DL3045',
  severity: 'warning',
  title: 'COPY to a relative path comes after a WORKDIR',
  *check({ stages }) {
    const withWorkdir = new Set<Stage>();
    for (const stage of stages) {
      let hasWorkdir = stage.base !== undefined && withWorkdir.has(stage.base);
      for (const instruction of stage.instructions) {
        if (instruction.keyword === 'WORKDIR') hasWorkdir = true;
        const { destination } = copyParts(instruction);
        if (instruction.keyword !== 'COPY' || hasWorkdir || destination === undefined) continue;
        if (/^["']?(?:[/\\$]|[a-z]:)/i.test(destination.text)) continue;
        yield {
          span: destination.span,
          message: `'${destination.text}' is relative to the base image's directory: set WORKDIR before`,
        };
      }
      if (hasWorkdir) withWorkdir.add(stage);
    }
  },
};

/** Names that the image cannot have are UndefinedVar's. */
const selfReference: DockerfileRule = {
  id: 'DL3044',
  severity: 'error',
  title: 'ENV does not use a variable that the same ENV defines',
  *check(document: DockerfileDocument) {
    for (const { instruction, name, span, definition, stage } of document.variables.uses) {
      if (
        instruction.keyword !== 'ENV' ||
        definition !== undefined ||
        stage === undefined ||
        !mayComeFromImage(stage, name)
      )
        continue;
      const properties = document.properties(instruction);
      const defining = properties.find((one) => one.name === name);
      const using = properties.find((one) => one.span.start <= span.start && one.span.end >= span.end);
      if (defining === undefined || using === defining) continue;
      yield { span, message: `'${name}' is set by this ENV, but not before it: its old value is used` };
    }
  },
};

export const COPYING: readonly DockerfileRule[] = [
  addArchives,
  copyNotAdd,
  folderDestination,
  selfReference,
  copyToRelative,
];
