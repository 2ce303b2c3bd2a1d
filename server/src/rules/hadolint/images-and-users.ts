/** What an image is built on, and who runs in it. */
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { stageNamed } from '#model/dockerfile/syntax/stages.ts';
import { copyParts, type CopyWord } from '#model/dockerfile/copy-sources.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';
import { stagesLacking } from './stages-lacking.ts';

/** Images, not stages; their names without variables. */
function* namedBases({ stages }: DockerfileDocument) {
  for (const { image, base } of stages) {
    if (image === undefined || base !== undefined || image.text === 'scratch' || image.text.includes('$')) continue;
    yield { image, tag: /:([^/:]+)$/.exec(image.text.replace(/@.*$/, ''))?.[1], digest: image.text.includes('@') };
  }
}

const tagged: DockerfileRule = {
  id: 'DL3006',
  severity: 'warning',
  title: 'The base image has a tag',
  *check(document) {
    for (const { image, tag, digest } of namedBases(document)) {
      if (tag !== undefined || digest) continue;
      yield { span: image.span, message: `image '${image.text}' has no tag: it will be another one tomorrow` };
    }
  },
};

const noLatest: DockerfileRule = {
  id: 'DL3007',
  severity: 'warning',
  title: 'The base image is not tagged latest',
  *check(document) {
    for (const { image, tag, digest } of namedBases(document)) {
      if (tag !== 'latest' || digest) continue;
      const span = { start: image.span.end - 'latest'.length, end: image.span.end };
      yield { span, message: "the tag 'latest' moves: name a version" };
    }
  },
};

const notRoot: DockerfileRule = {
  id: 'DL3002',
  severity: 'warning',
  title: 'The last USER is not root',
  *check({ parts }) {
    for (const { instructions } of parts) {
      const last = instructions.findLast(({ keyword }) => keyword === 'USER');
      const [user] = last?.words ?? [];
      if (user === undefined || !/^["']?(?:root|0)(?::|["']?$)/.test(user.text)) continue;
      yield { span: user.span, message: 'containers run as root: end with a USER that is not' };
    }
  },
};

const numericUser: DockerfileRule = {
  id: 'DL3066',
  severity: 'information',
  title: 'USER is a number: names may mean another user elsewhere, and Kubernetes cannot tell whether they are root',
  *check({ inPartsWith }) {
    for (const { words } of inPartsWith('USER')) {
      const [user] = words;
      if (user === undefined || /^\d+(?::|$)/.test(user.text) || user.text.includes('$')) continue;
      yield { span: user.span, message: `whether '${user.text}' is root cannot be seen from outside: use its number` };
    }
  },
};

const healthcheck: DockerfileRule = {
  id: 'DL3057',
  severity: 'information',
  off: true,
  title: 'An image has a HEALTHCHECK',
  *check({ stages }) {
    const lacking = stagesLacking(stages, ({ instructions }) =>
      instructions.some(({ keyword }) => keyword === 'HEALTHCHECK'),
    );
    for (const { from } of lacking) {
      yield { span: from.nameSpan, message: 'nobody can tell whether the container works: add a HEALTHCHECK' };
    }
  },
};

const knownFrom: DockerfileRule = {
  id: 'DL3022',
  severity: 'warning',
  title: 'COPY --from names a stage above, or an image with a tag',
  *check({ parts, stages }) {
    for (const { stage, instructions } of parts) {
      for (const { keyword, flags } of instructions) {
        const from = keyword === 'COPY' ? flags.find(({ name }) => name === 'from') : undefined;
        if (from?.value === undefined || from.valueSpan === undefined) continue;
        if (isKnown(from.value, stages.slice(0, stage === undefined ? 0 : stage.index + 1))) continue;
        yield {
          span: from.valueSpan,
          message: `there is no stage '${from.value}' above: it is taken for an image or a named context`,
        };
      }
    }
  },
};

/** @param stages those so far, the own one last: its name is another rule's, its number is not there yet */
function isKnown(text: string, stages: readonly Stage[]): boolean {
  if (/[:$]/.test(text)) return true;
  return /^\d+$/.test(text) ? Number(text) < stages.length - 1 : stageNamed(stages, text) !== undefined;
}

const wholeFileSystem: DockerfileRule = {
  id: 'DL3067',
  severity: 'warning',
  title: 'A stage takes from another what it needs, not its whole file system',
  *check({ inPartsWith }) {
    const isRoot = (word: CopyWord | undefined): boolean => word !== undefined && /^(["']?)\/\1$/.test(word.text);
    for (const instruction of inPartsWith('COPY')) {
      const { sources, destination, from } = copyParts(instruction);
      const source = sources.find(isRoot);
      if (from === undefined || source === undefined || !isRoot(destination)) continue;
      yield {
        span: source.span,
        message: `the whole of '${from}' overwrites this stage's files: copy what is needed`,
      };
    }
  },
};

export const IMAGES_AND_USERS: readonly DockerfileRule[] = [
  notRoot,
  tagged,
  noLatest,
  knownFrom,
  healthcheck,
  numericUser,
  wholeFileSystem,
];
