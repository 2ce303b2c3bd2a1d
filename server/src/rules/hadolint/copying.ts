/** COPY and ADD. */
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { copyParts, isContextPath } from '#model/dockerfile/copy-sources.ts';
import type { Command } from '../../dockerfile/commands.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

const ARCHIVE = /\.(?:tar|Z|bz2|gz|lz|lzma|tZ|tb2|tbz2?|tgz|tlz|tpz|txz|xz|zst|tzst)$/;

const copyNotAdd: DockerfileRule = {
  id: 'DL3020',
  severity: 'error',
  title: 'Files and folders are taken with COPY, not with ADD',
  *check({ inPartsWith }) {
    for (const instruction of inPartsWith('ADD')) {
      const { sources, destination } = copyParts(instruction);
      if (destination === undefined) continue;
      const paths = sources.filter(({ text }) => isContextPath(unquoted(text)));
      if (paths.every(({ text }) => ARCHIVE.test(unquoted(text)))) continue;
      if (instruction.flags.some(({ name }) => name === 'unpack' || name === 'checksum')) continue;
      const copy = instruction.name === 'add' ? 'copy' : 'COPY';
      // Whether ADD would unpack or download is known only of names that say it.
      const safe =
        paths.length === sources.length && sources.every(({ text }) => !ARCHIVE.test(text) && !/[$*?]/.test(text));
      yield {
        span: instruction.nameSpan,
        message: 'ADD also unpacks and downloads: COPY says that neither is meant',
        fixes: safe
          ? [{ title: 'Change to COPY', edits: [{ span: instruction.nameSpan, text: copy }], safe: true }]
          : [],
      };
    }
  },
};

function unquoted(text: string): string {
  return text.replaceAll(/^["']|["']$/g, '');
}

const folderDestination: DockerfileRule = {
  id: 'DL3021',
  severity: 'error',
  title: 'COPY and ADD of several files go to a folder: the destination ends with a slash',
  *check({ inPartsWith }) {
    for (const instruction of inPartsWith('ADD', 'COPY')) {
      const { sources, destination } = copyParts(instruction);
      if (sources.length < 2 || destination === undefined) continue;
      if (/[/\\]["']?$/.test(destination.text)) continue;
      const isQuoted = instruction.json !== undefined || /["']$/.test(destination.text);
      const end = isQuoted ? destination.span.end - 1 : destination.span.end;
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
  *check({ parts, runs, programs }) {
    if (!UNPACKERS.some((program) => programs.has(program))) return;
    for (const part of parts) {
      const unpacking = runs.filter((step) => step.part === part).flatMap(({ commands }) => commands.filter(unpacks));
      if (unpacking.length === 0) continue;
      for (const instruction of part.instructions) {
        if (instruction.keyword !== 'COPY') continue;
        const { sources, destination, from } = copyParts(instruction);
        if (from !== undefined || destination === undefined) continue;
        const renamed = baseName(destination.text);
        for (const { text, span } of sources) {
          const name = ARCHIVE.test(renamed) ? renamed : baseName(text);
          if (!ARCHIVE.test(name) || !unpacking.some(({ args }) => args.some((arg) => baseName(arg.text) === name)))
            continue;
          yield {
            span,
            message: `'${name}' is copied and then unpacked: ADD unpacks it in one step, without keeping the archive`,
          };
        }
      }
    }
  },
};

const UNPACKERS: readonly string[] = 'tar unzip gunzip bunzip2 unlzma unxz zgz uncompress zcat gzcat'.split(' ');

function unpacks({ program, args }: Command): boolean {
  if (program.text !== 'tar') return UNPACKERS.includes(program.text);
  return args.some(
    ({ text }, i) => (i === 0 && /^-?[a-zA-Z]*x/.test(text)) || /^(?:-[a-zA-Z]*x|--extract|--get)/.test(text),
  );
}

function baseName(path: string): string {
  return /[^/\\]*$/.exec(unquoted(path))?.[0] ?? '';
}

const copyToRelative: DockerfileRule = {
  id: 'DL3045',
  severity: 'warning',
  title: 'COPY to a relative path comes after a WORKDIR',
  *check({ parts }) {
    const withWorkdir = new Set<Stage | undefined>();
    for (const { stage, instructions, onbuild } of parts) {
      // What ONBUILD keeps is carried out where the image of its own stage ends.
      const below = onbuild ? stage : stage?.base;
      let hasWorkdir = below !== undefined && withWorkdir.has(below);
      for (const instruction of instructions) {
        if (instruction.keyword === 'WORKDIR') hasWorkdir = true;
        if (instruction.keyword !== 'COPY' || hasWorkdir) continue;
        const { destination } = copyParts(instruction);
        if (destination === undefined) continue;
        if (/^["']?(?:[/\\$]|[a-z]:)/i.test(destination.text)) continue;
        yield {
          span: destination.span,
          message: `'${destination.text}' is relative to the base image's directory: set WORKDIR before`,
        };
      }
      if (hasWorkdir && !onbuild) withWorkdir.add(stage);
    }
  },
};

const selfReference: DockerfileRule = {
  id: 'DL3044',
  severity: 'error',
  title: 'ENV does not use a variable that the same ENV defines',
  *check({ inPartsWith, properties, variables }) {
    const known = new Set<string>();
    for (const instruction of inPartsWith('ARG', 'ENV')) {
      const own = properties(instruction);
      // A variable that uses its own old value is not meant.
      const isOpen = instruction.keyword === 'ENV' && own.length > 1 && instruction.joined.text.includes('$');
      const uses = isOpen ? variables.usesIn(instruction) : [];
      for (const { name, span } of uses) {
        const using = own.find((one) => one.span.start <= span.start && one.span.end >= span.end);
        if (known.has(name) || !own.some((one) => one !== using && one.name === name)) continue;
        yield { span, message: `'${name}' is set by this ENV, but not before it: its old value is used` };
      }
      for (const { name } of own) known.add(name);
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
