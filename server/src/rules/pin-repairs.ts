import type { DockerfileDocument } from '../dockerfile/document.ts';
import { lastStarting } from '#model/text/sorted.ts';
import { spanOf, textOf } from '#model/text/span.ts';
import type { Repair } from './repaired.ts';

/** How each package manager writes a version behind a name. */
const SEPARATORS: Readonly<Record<string, string>> = {
  DL3008: '=',
  DL3013: '==',
  DL3016: '@',
  DL3018: '=',
  DL3028: ':',
  DL3033: '-',
  DL3037: '=',
  DL3041: '-',
  DL3062: '@',
  UnpinnedPecl: '-',
};

/** The version comes from outside: only the author knows it. */
function pinned(separator: string): Repair<DockerfileDocument> {
  return ({ instructions, text }, { span }) => {
    const around = instructions[lastStarting(instructions, span.start, (one) => one.span.start)];
    const run = around?.keyword === 'RUN' && span.end <= around.span.end ? around : undefined;
    const name = textOf(text, span).replace(/@latest$/, '');
    if (run === undefined || !/^@?[a-z][\w.+/-]*$/i.test(name)) return [];
    const base = name.split('/').at(-1) ?? name;
    const variable = `${base.toUpperCase().replaceAll(/\W+/g, '_')}_VERSION`;
    const edits = [
      { span: spanOf(run.span.start, run.span.start), text: `ARG ${variable}\n` },
      { span, text: `${name}${separator}\${${variable}}` },
    ];
    return [{ title: `Pin with the build argument ${variable}`, edits }];
  };
}

export const PIN_REPAIRS: Readonly<Record<string, Repair<DockerfileDocument>>> = Object.fromEntries(
  Object.entries(SEPARATORS).map(([id, separator]) => [id, pinned(separator)]),
);
