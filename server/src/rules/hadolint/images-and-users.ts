/** What an image is built on, and who runs in it. */
import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import { stageNamed } from '#model/dockerfile/syntax/stages.ts';
import { copyParts } from '../../dockerfile/copy-sources.ts';
import type { DockerfileDocument } from '../../dockerfile/document.ts';
import type { DockerfileRule } from '../dockerfile-rule.ts';

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
  *check({ stages }) {
    const last = stages.at(-1)?.instructions.findLast(({ keyword }) => keyword === 'USER');
    const [user] = last?.words ?? [];
    if (user === undefined || !/^(?:root|0)(?::.*)?$/.test(user.text)) return;
    yield { span: user.span, message: 'containers run as root: end with a USER that is not' };
  },
};

const numericUser: DockerfileRule = {
  id: 'DL3066',
  severity: 'information',
  off: true,
  title: 'USER is a number, which Kubernetes can verify not to be root',
  *check({ stages }) {
    const last = stages.at(-1)?.instructions.findLast(({ keyword }) => keyword === 'USER');
    const [user] = last?.words ?? [];
    if (user === undefined || /^\d+(?::.*)?$/.test(user.text) || user.text.includes('$') || user.text === 'root')
      return;
    yield { span: user.span, message: `whether '${user.text}' is root cannot be seen from outside: use its number` };
  },
};

const healthcheck: DockerfileRule = {
  id: 'DL3057',
  severity: 'information',
  off: true,
  title: 'An image has a HEALTHCHECK',
  *check({ stages }) {
    const last = stages.at(-1);
    let stage: Stage | undefined = last;
    for (; stage !== undefined; stage = stage.base)
      if (stage.instructions.some(({ keyword }) => keyword === 'HEALTHCHECK')) return;
    if (last !== undefined)
      yield { span: last.from.nameSpan, message: 'nobody can tell whether the container works: add a HEALTHCHECK' };
  },
};

const knownFrom: DockerfileRule = {
  id: 'DL3022',
  severity: 'warning',
  title: 'COPY --from names a stage of the file, or an image with tag or path',
  *check({ stages }) {
    for (const stage of stages) {
      for (const { keyword, flags } of stage.instructions) {
        const from = flags.find(({ name }) => name === 'from');
        const text = from?.value ?? '';
        if (keyword !== 'COPY' || from?.valueSpan === undefined || /[:/$@]|^\d*$/.test(text)) continue;
        if (stageNamed(stages, text) !== undefined) continue; // a wrong place is another rule's
        yield {
          span: from.valueSpan,
          message: `there is no stage '${text}': it is taken for an image or a named context`,
        };
      }
    }
  },
};

const wholeFileSystem: DockerfileRule = {
  id: 'DL3067',
  severity: 'warning',
  title: 'A stage takes from another what it needs, not its whole file system',
  *check({ stages }) {
    for (const stage of stages) {
      // Squashing everything into an empty image is a technique.
      if (stage.image?.text === 'scratch') continue;
      for (const instruction of stage.instructions) {
        const { sources, destination, from } = copyParts(instruction);
        const source = sources.find(({ text }) => text === '/' || text === '/*');
        if (instruction.keyword !== 'COPY' || from === undefined || source === undefined || destination?.text !== '/')
          continue;
        yield {
          span: source.span,
          message: `the whole of '${from}' overwrites this stage's files: copy what is needed`,
        };
      }
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
