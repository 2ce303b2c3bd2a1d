/** What each instruction is for and how it is written (Dockerfile reference), for hover, completion and signatures. */

export interface InstructionInfo {
  readonly summary: string;
  /** Its forms, the usual one first. */
  readonly forms: readonly string[];
  /** Completion in snippet syntax. */
  readonly snippet: string;
}

export const INSTRUCTIONS: Readonly<Record<string, InstructionInfo>> = {
  ADD: {
    summary:
      'Adds files, folders, archives (unpacked), URLs or Git repositories to the image. For plain files use COPY.',
    forms: ['ADD [--flags] source… destination', 'ADD [--flags] ["source", …, "destination"]'],
    snippet: 'ADD ${1:source} ${2:destination}',
  },
  ARG: {
    summary: 'Declares a variable for the build, set with `--build-arg`. Before the first FROM it is for FROM lines.',
    forms: ['ARG name[=default]…'],
    snippet: 'ARG ${1:name}',
  },
  CMD: {
    summary: 'The command that a container runs when none is given, or the default arguments of ENTRYPOINT.',
    forms: ['CMD ["executable", "argument", …]', 'CMD command argument…'],
    snippet: 'CMD ["${1:executable}"]',
  },
  COPY: {
    summary: 'Copies files and folders from the build context, a stage or an image.',
    forms: ['COPY [--flags] source… destination', 'COPY [--flags] ["source", …, "destination"]'],
    snippet: 'COPY ${1:source} ${2:destination}',
  },
  ENTRYPOINT: {
    summary: 'The program that a container always runs; arguments of `docker run` are appended.',
    forms: ['ENTRYPOINT ["executable", "argument", …]', 'ENTRYPOINT command argument…'],
    snippet: 'ENTRYPOINT ["${1:executable}"]',
  },
  ENV: {
    summary: 'Sets environment variables for the rest of the build and for containers.',
    forms: ['ENV name=value…'],
    snippet: 'ENV ${1:name}=${2:value}',
  },
  EXPOSE: {
    summary: 'Says which ports the container listens on. Publishing them is up to whoever runs it.',
    forms: ['EXPOSE port[/protocol]…'],
    snippet: 'EXPOSE ${1:port}',
  },
  FROM: {
    summary: 'Starts a build stage on a base image, an earlier stage, or `scratch`.',
    forms: ['FROM [--platform=platform] image[:tag|@digest] [AS name]'],
    snippet: 'FROM ${1:image}',
  },
  HEALTHCHECK: {
    summary: 'A command that tells whether a running container is healthy.',
    forms: ['HEALTHCHECK [--flags] CMD command', 'HEALTHCHECK NONE'],
    snippet: 'HEALTHCHECK --interval=${1:30s} CMD ${2:command}',
  },
  LABEL: {
    summary: 'Adds metadata to the image.',
    forms: ['LABEL key=value…'],
    snippet: 'LABEL ${1:key}=${2:value}',
  },
  MAINTAINER: {
    summary: 'Deprecated: use `LABEL org.opencontainers.image.authors=…`.',
    forms: ['MAINTAINER name'],
    snippet: 'MAINTAINER ${1:name}',
  },
  ONBUILD: {
    summary: 'An instruction for builds that use this image as their base.',
    forms: ['ONBUILD instruction'],
    snippet: 'ONBUILD ${1:instruction}',
  },
  RUN: {
    summary: 'Runs a command and keeps what it changed as a layer.',
    forms: ['RUN [--flags] command…', 'RUN [--flags] ["executable", "argument", …]', 'RUN [--flags] <<EOF'],
    snippet: 'RUN ${1:command}',
  },
  SHELL: {
    summary: 'The shell that runs commands in shell form.',
    forms: ['SHELL ["executable", "argument", …]'],
    snippet: 'SHELL ["${1:/bin/bash}", "-o", "pipefail", "-c"]',
  },
  STOPSIGNAL: {
    summary: 'The signal that asks the container to stop.',
    forms: ['STOPSIGNAL signal'],
    snippet: 'STOPSIGNAL ${1:SIGTERM}',
  },
  USER: {
    summary: 'The user (and group) for the rest of the stage and for containers.',
    forms: ['USER user[:group]'],
    snippet: 'USER ${1:user}',
  },
  VOLUME: {
    summary: 'Paths that get a volume of their own when nothing is mounted there.',
    forms: ['VOLUME path…', 'VOLUME ["path", …]'],
    snippet: 'VOLUME ${1:/path}',
  },
  WORKDIR: {
    summary: 'The working directory for the rest of the stage and for containers; created when missing.',
    forms: ['WORKDIR path'],
    snippet: 'WORKDIR ${1:/app}',
  },
};

export function isInstruction(keyword: string): boolean {
  return Object.hasOwn(INSTRUCTIONS, keyword);
}
