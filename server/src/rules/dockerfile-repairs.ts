/** Quick fixes of Dockerfile rules that need nothing of the rule but the place. */
import { bodyOf, bodySpan, sourceOffset } from '#model/dockerfile/syntax/joined-text.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';
import { type Span, spanOf, textOf } from '#model/text/span.ts';
import { lastStarting } from '#model/text/sorted.ts';
import { suggest } from '#model/text/suggest.ts';
import { type DockerfileDocument, stageOf } from '../dockerfile/document.ts';
import { wholeLines } from '#model/dockerfile/whole-lines.ts';
import { PIN_REPAIRS } from './pin-repairs.ts';
import type { Repair } from './repaired.ts';
import type { Fix } from '#model/rules/rule.ts';

type DockerfileRepair = Repair<DockerfileDocument>;

function at({ instructions }: DockerfileDocument, { start }: Span): Instruction | undefined {
  const found = instructions[lastStarting(instructions, start, ({ span }) => span.start)];
  return found !== undefined && start < found.span.end ? found : undefined;
}

function insert(offset: number, title: string, text: string): Fix[] {
  return [{ title, edits: [{ span: spanOf(offset, offset), text }] }];
}

/** Another text in the same place; the same one is no fix. */
function replaceBy(next: (text: string) => string | undefined): DockerfileRepair {
  return ({ text }, { span }) => {
    const old = textOf(text, span);
    const replacement = next(old);
    if (replacement === undefined || replacement === old || replacement === '') return [];
    return [{ title: `Change to ${replacement}`, edits: [{ span, text: replacement }] }];
  };
}

/** One more command at the end of the RUN. */
function append(command: string): DockerfileRepair {
  return (document, { span }) => {
    const run = at(document, span);
    if (run === undefined || run.json !== undefined || run.heredocs.length > 0) return [];
    return insert(run.headSpan.end, `Add ${command}`, ` && ${command}`);
  };
}

/** The name with its value; the instruction when it has no other. */
const removeProperty: DockerfileRepair = (document, { span }) => {
  const instruction = at(document, span);
  const properties = instruction === undefined ? [] : document.properties(instruction);
  const index = properties.findIndex((one) => one.span.start <= span.start && one.span.end >= span.end);
  const [property, before, next] = [properties[index], properties[index - 1], properties[index + 1]];
  if (instruction === undefined || property === undefined) return [];
  const own =
    next === undefined
      ? spanOf(before?.span.end ?? 0, property.span.end)
      : spanOf(property.span.start, next.span.start);
  const gone = properties.length === 1 ? wholeLines(document.text, instruction.span) : own;
  return [{ title: 'Remove it', edits: [{ span: gone, text: '' }] }];
};

/** The paths of an image are known below a WORKDIR. */
const workdirAbove: DockerfileRepair = (document, problem) => {
  const absolute = fromRoot(document, problem);
  const copy = at(document, problem.span);
  if (absolute.length > 0 || copy === undefined || copy.trigger !== undefined) return absolute;
  return insert(copy.span.start, 'Insert WORKDIR /app', 'WORKDIR /app\n');
};

/** Numbers that users have in the images where they are usual, or that the file gives them. */
const userNumber: DockerfileRepair = (document, { span }) => {
  const [name = '', group] = textOf(document.text, span).replaceAll(/["']/g, '').split(':');
  const number = name === 'root' ? '0' : numberOf(document, span, name);
  if (number === undefined || (group !== undefined && group !== name)) return [];
  const text = group === undefined ? number : `${number}:${number}`;
  return [{ title: `Change to ${text}`, edits: [{ span, text }] }];
};

function numberOf(document: DockerfileDocument, { start }: Span, name: string): string | undefined {
  const user = at(document, { start, end: start });
  const stage = user === undefined ? undefined : stageOf(document, user);
  const isNode = /^(?:docker\.io\/)?(?:library\/)?node(?:[:@]|$)/.test(stage?.image?.text ?? '');
  if (name === 'nobody') return '65534';
  if (name === 'node' && isNode) return '1000';
  for (const { instruction, commands } of document.runs) {
    if (instruction.span.end > start || instruction.span.start < (stage?.from.span.start ?? 0)) continue;
    for (const { program, args } of commands) {
      const words = args.map(({ text }) => text);
      if (!/^(?:useradd|adduser)$/.test(program.text) || !words.includes(name)) continue;
      const number = /(?:^| )(?:-u|--uid)[ =](\d+)(?: |$)/.exec(words.join(' '))?.[1];
      if (number !== undefined) return number;
    }
  }
  return undefined;
}

const removeComment: DockerfileRepair = ({ text }, { span }) => [
  { title: 'Remove the comment', edits: [{ span: wholeLines(text, span), text: '' }] },
];

/** Below the WORKDIR before it, where that is written out. */
const absoluteWorkdir: DockerfileRepair = (document, { span }) => {
  const instruction = at(document, span);
  const stage = instruction === undefined ? undefined : stageOf(document, instruction);
  const before = stage?.instructions.findLast((one) => one.keyword === 'WORKDIR' && one.span.end <= span.start);
  const base = before === undefined ? '' : bodyOf(before).replaceAll(/^["']|["']$/g, '');
  const path = textOf(document.text, span).replaceAll(/^["']|["']$/g, '');
  if (!base.startsWith('/') || base.includes('$') || path.startsWith('.')) return [];
  const text = `${base.replace(/\/+$/, '')}/${path}`;
  return [{ title: `Change to ${text}`, edits: [{ span, text }] }];
};

const fromRoot = replaceBy((text) =>
  /^(?:\.\/)?[\w][\w./-]*$/.test(text) ? `/${text.replace(/^\.\//, '')}` : undefined,
);

/** Where `cd` is the first thing that is done. */
const workdirForCd: DockerfileRepair = (document, { span }) => {
  const run = at(document, span);
  if (run === undefined || run.keyword !== 'RUN' || span.start !== bodySpan(run).start) return [];
  const [command, folder] = /^cd\s+([\w./${}-]+)\s*&&\s*/.exec(document.text.slice(span.start, run.headSpan.end)) ?? [];
  if (command === undefined || folder === undefined) return [];
  const start = run.headSpan.start;
  const edits = [
    { span: spanOf(start, start), text: `WORKDIR ${folder}\n` },
    { span: spanOf(span.start, span.start + command.length), text: '' },
  ];
  return [{ title: `Use WORKDIR ${folder}`, edits }];
};

const addInstead: DockerfileRepair = (document, { span }) => {
  const copy = at(document, span);
  return copy === undefined ? [] : [{ title: 'Change to ADD', edits: [{ span: copy.nameSpan, text: 'ADD' }] }];
};

/** Among those above: others cannot be copied from. */
const nearStage: DockerfileRepair = (document, { span }) => {
  const { stages, text } = document;
  const copy = at(document, span);
  const above = stages.slice(0, copy === undefined ? 0 : stageOf(document, copy)?.index);
  const names = above.flatMap(({ name }) => (name !== undefined && isStageName(name.text) ? [name.text] : []));
  const near = suggest(textOf(text, span), names);
  return near === undefined ? [] : [{ title: `Change to ${near}`, edits: [{ span, text: near }] }];
};

const jsonForm: DockerfileRepair = ({ text }, { span }) => {
  const words = textOf(text, span).split(/\s+/);
  if (!words.every((word) => /^[\w./:@%+,-]+$/.test(word))) return [];
  const list = words.map((word) => JSON.stringify(word)).join(', ');
  return [{ title: 'Use the JSON form', edits: [{ span, text: `[${list}]` }] }];
};

const withoutFlag: DockerfileRepair = (document, { span }) => {
  const flag = at(document, span)?.flags.find((one) => one.span.start <= span.start && one.span.end >= span.end);
  if (flag === undefined) return [];
  const end = document.text[flag.span.end] === ' ' ? flag.span.end + 1 : flag.span.end;
  return [{ title: `Remove --${flag.name}`, edits: [{ span: spanOf(flag.span.start, end), text: '' }] }];
};

const update: DockerfileRepair = (document, { span }) => {
  const found = /\b(?:dist-upgrade|dup)\b/.exec(document.text.slice(span.end, at(document, span)?.span.end));
  if (found === null) return [];
  const start = span.end + found.index;
  return [{ title: 'Change to update', edits: [{ span: spanOf(start, start + found[0].length), text: 'update' }] }];
};

/** What uses the variable goes to an ENV of its own. */
const ownEnv: DockerfileRepair = (document, { span }) => {
  const env = at(document, span);
  const properties = env === undefined ? [] : document.properties(env);
  const using = properties.find((one) => one.span.start <= span.start && one.span.end >= span.end);
  const before = using === undefined ? undefined : properties[properties.indexOf(using) - 1];
  if (using === undefined || before === undefined) return [];
  const gap = spanOf(before.span.end, using.span.start);
  if (!/^ +$/.test(textOf(document.text, gap))) return [];
  return [{ title: 'Start another ENV here', edits: [{ span: gap, text: '\nENV ' }] }];
};

const labelKey = replaceBy((key) =>
  /^(?:com\.docker|io\.docker|org\.dockerproject)\.|["'$]/.test(key)
    ? undefined
    : key
        .toLowerCase()
        .replaceAll(/[^a-z0-9.-]+/g, '-')
        .replaceAll(/([.-])[.-]+/g, '$1')
        .replaceAll(/^[^a-z]+|[^a-z0-9]+$/g, ''),
);

const noHealthcheck: DockerfileRepair = (document, { span }) => {
  const stage = document.stages[lastStarting(document.stages, span.start, ({ from }) => from.span.start)];
  if (stage?.from.nameSpan.start !== span.start) return [];
  const end = (stage.instructions.at(-1) ?? stage.from).span.end;
  return insert(end, 'Add HEALTHCHECK NONE', '\nHEALTHCHECK NONE');
};

const missingLabel: DockerfileRepair = (document, { span, message }) => {
  const from = at(document, span);
  const name = /'(.+)' is missing/.exec(message)?.[1];
  return from === undefined ? [] : insert(from.span.end, `Add the label ${name}`, `\nLABEL ${name}=""`);
};

const joinRuns: DockerfileRepair = (document, { span }) => {
  const { instructions, text } = document;
  const index = lastStarting(instructions, span.start, (one) => one.span.start);
  const [before, run] = [instructions[index - 1], instructions[index]];
  if (before === undefined || run?.nameSpan.start !== span.start || before.json !== undefined || run.json !== undefined)
    return [];
  if (text.slice(before.headSpan.end, run.headSpan.start).trim() !== '') return [];
  const gap = spanOf(before.headSpan.end, sourceOffset(run.joined, run.bodyStart));
  return [{ title: 'Join with the RUN above', edits: [{ span: gap, text: ` && ${document.escape}\n    ` }] }];
};

const shellInstead: DockerfileRepair = (document, { span }) => {
  const run = at(document, span);
  const shell = run === undefined ? undefined : /^ln (?:-\w+ )+(\/[\w/.-]+) \/bin\/sh$/.exec(bodyOf(run))?.[1];
  if (run === undefined || shell === undefined) return [];
  return [{ title: 'Use SHELL', edits: [{ span: run.headSpan, text: `SHELL ["${shell}", "-c"]` }] }];
};

const isStageName = (name: string): boolean => /^[a-z][\w.-]*$/i.test(name);

const stageName = replaceBy((text) =>
  text
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^[^a-z]+/i, '')
    .replace(/^$/, 'stage'),
);

const jsonQuotes: DockerfileRepair = ({ text }, { span }) => {
  const old = textOf(text, span);
  if (old.includes('"') || !/^\[\s*'[^']*'(?:\s*,\s*'[^']*')*\s*\]$/.test(old)) return [];
  return [{ title: 'Use double quotes', edits: [{ span, text: old.replaceAll("'", '"') }] }];
};

const withoutOnbuild: DockerfileRepair = (document, { span }) => {
  const onbuild = at(document, span);
  const trigger = onbuild?.trigger;
  if (onbuild === undefined || trigger === undefined) return [];
  if (trigger.keyword !== 'ONBUILD') {
    return [{ title: 'Remove it', edits: [{ span: wholeLines(document.text, onbuild.span), text: '' }] }];
  }
  const end = bodySpan(trigger).start;
  return [{ title: 'Remove the second ONBUILD', edits: [{ span: spanOf(span.start, end), text: '' }] }];
};

const startFromScratch: DockerfileRepair = ({ preamble, text }, { span }) => {
  const [first] = preamble;
  if (first === undefined)
    return insert(text.length, 'Add FROM scratch', `${text.endsWith('\n') ? '' : '\n'}FROM scratch\n`);
  if (preamble.every(({ keyword }) => keyword === 'ARG')) {
    return insert(text.length, 'Add FROM scratch', `${text.endsWith('\n') ? '' : '\n'}FROM scratch\n`);
  }
  return insert(span.start, 'Start with FROM scratch', 'FROM scratch\n');
};

const asBetween: DockerfileRepair = (document, { span }) => {
  const from = at(document, span);
  const [, second, third, fourth] = from?.words ?? [];
  if (from?.keyword !== 'FROM' || second === undefined) return [];
  const as = from.name === 'from' ? 'as' : 'AS';
  if (third === undefined) return insert(second.span.start, `Insert ${as}`, `${as} `);
  if (fourth === undefined) return [{ title: `Change to ${as}`, edits: [{ span: second.span, text: as }] }];
  return second.text.toLowerCase() === 'as' ? removeFrom(document.text, fourth.span.start, from.headSpan.end) : [];
};

/** What stands too much at the end of an instruction, with the blanks before it. */
function removeFrom(text: string, start: number, end: number): Fix[] {
  const before = text.slice(0, start);
  const from = before.length - (/[ \t]+$/.exec(before)?.[0].length ?? 0);
  return [{ title: 'Remove what stands too much', edits: [{ span: spanOf(from, end), text: '' }] }];
}

const healthcheck: DockerfileRepair = (document, problem) => {
  const none = at(document, problem.span);
  const [first, second] = none?.words ?? [];
  if (none !== undefined && first?.text.toUpperCase() === 'NONE' && second?.span.start === problem.span.start) {
    return removeFrom(document.text, second.span.start, none.headSpan.end);
  }
  return replaceBy((text) => (/^\d+$/.test(text) ? `${text}s` : undefined))(document, problem);
};

export const DOCKERFILE_REPAIRS: Readonly<Record<string, DockerfileRepair>> = {
  ...PIN_REPAIRS,
  ArgumentCount: asBetween,
  DL1001: removeComment,
  DL3000: absoluteWorkdir,
  DL3002: replaceBy(() => 'nobody'),
  DL3003: workdirForCd,
  DL3009: append('rm -rf /var/lib/apt/lists/*'),
  DL3010: addInstead,
  DL3022: nearStage,
  DL3025: jsonForm,
  DL3029: withoutFlag,
  DL3032: append('yum clean all'),
  DL3035: update,
  DL3036: append('zypper clean'),
  DL3040: append('dnf clean all'),
  DL3044: ownEnv,
  DL3045: workdirAbove,
  DL3048: labelKey,
  DL3049: missingLabel,
  DL3050: removeProperty,
  DL3051: removeProperty,
  DL3057: noHealthcheck,
  DL3059: joinRuns,
  DL3060: append('yarn cache clean'),
  DL3064: removeProperty,
  DL3066: userNumber,
  DL4005: shellInstead,
  DuplicateStageName: replaceBy((text) => `${text}-2`),
  InstructionBeforeFrom: startFromScratch,
  InvalidCopyFrom: nearStage,
  InvalidDirective: replaceBy((text) => (/^.$/.test(text) ? '\\' : undefined)),
  InvalidFlag: withoutFlag,
  InvalidHealthcheck: healthcheck,
  InvalidStageName: stageName,
  MalformedJson: jsonQuotes,
  MissingEquals: ({ text }, { span }) =>
    textOf(text, span) === '' ? [] : insert(span.end, 'Give it an empty value', '='),
  NoInstructions: startFromScratch,
  OnbuildTrigger: withoutOnbuild,
  ReservedStageName: replaceBy((text) => `${text}-stage`),
  SecretsUsedInArgOrEnv: removeProperty,
  WorkdirRelativePath: fromRoot,
};
