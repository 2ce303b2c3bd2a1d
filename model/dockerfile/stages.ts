/**
 * A Dockerfile as the builder reads it: global arguments and stages, every instruction decoded. The first thing that
 * BuildKit would refuse is the `error`.
 */
import { createLineIndex } from '../text/line-index.ts';
import type { Span } from '../text/span.ts';
import type { Command, FromCommand } from './commands.ts';
import { decodeInstruction } from './decode.ts';
import type { DecodeStage } from './decode-error.ts';
import { parseDockerfile } from './syntax/parse.ts';
import type { DockerfileTree, Instruction, SyntaxProblem } from './syntax/tree.ts';

export interface Step {
  readonly command: Command;
  /** As written, continuation lines joined, here-documents included: what builders print. */
  readonly original: string;
  /** From 1. */
  readonly line: number;
  /** In the Dockerfile; undefined for a trigger, which comes from an image. */
  readonly span?: Span;
}

export interface Stage {
  readonly index: number;
  readonly name: string | undefined;
  readonly from: Step & { readonly command: FromCommand };
  readonly steps: readonly Step[];
}

export interface StagedDockerfile {
  readonly escape: '\\' | '`';
  /** ARG instructions before the first FROM. */
  readonly globals: readonly Step[];
  readonly stages: readonly Stage[];
}

export interface DockerfileError {
  readonly message: string;
  readonly span: Span;
  /** From 1. */
  readonly line: number;
  readonly stage: DecodeStage;
}

export type DockerfileRead =
  | { readonly dockerfile: StagedDockerfile; readonly error?: undefined }
  | { readonly error: DockerfileError };

interface OpenStage extends Stage {
  readonly steps: Step[];
}

/** Never throws. */
export function readStages(text: string): DockerfileRead {
  const tree = parseDockerfile(text);
  const lines = createLineIndex(text);
  const refuse = (message: string, span: Span, stage: DecodeStage): DockerfileRead => ({
    error: { message, span, line: lines.lineAt(span.start) + 1, stage },
  });
  const [problem] = tree.problems;
  if (problem !== undefined) {
    const whole = tree.instructions.find(
      ({ span }) => span.start <= problem.span.start && problem.span.end <= span.end,
    );
    return refuse(problemMessage(problem), whole?.span ?? problem.span, 'syntax');
  }
  const globals: Step[] = [];
  const stages: OpenStage[] = [];
  for (const instruction of tree.instructions) {
    const decoded = decodeInstruction(instruction, text, tree.escape);
    if (decoded.error !== undefined) {
      const end = Math.max(decoded.span.end, instruction.span.end);
      return refuse(decoded.error, { start: decoded.span.start, end }, decoded.stage);
    }
    const { command } = decoded;
    const line = lines.lineAt(instruction.span.start) + 1;
    const step = { command, original: originalOf(tree, instruction), line, span: instruction.span };
    if (command.kind === 'FROM') {
      stages.push({ index: stages.length, name: command.name, from: { ...step, command }, steps: [] });
    } else if (stages.length > 0) stages.at(-1)?.steps.push(step);
    else if (command.kind === 'ARG') globals.push(step);
    else return refuse('no build stage in current context', instruction.span, 'plan');
  }
  if (stages.length === 0) {
    const isEmpty = tree.instructions.length === 0;
    const why = isEmpty ? 'file with no instructions' : 'dockerfile contains no stages to build';
    return refuse(why, { start: 0, end: 0 }, isEmpty ? 'syntax' : 'plan');
  }
  return { dockerfile: { escape: tree.escape, globals, stages } };
}

/** The instructions of an image's ONBUILD trigger. */
export function readTrigger(text: string): { readonly step: Step } | { readonly error: string } {
  const tree = parseDockerfile(text);
  const [instruction] = tree.instructions;
  if (instruction === undefined) return { error: `empty ONBUILD trigger: ${text}` };
  const decoded = decodeInstruction(instruction, text, tree.escape);
  if (decoded.error !== undefined) return { error: decoded.error };
  return { step: { command: decoded.command, original: originalOf(tree, instruction), line: 1 } };
}

function originalOf(tree: DockerfileTree, { joined, heredocs }: Instruction): string {
  const documents = heredocs.map(({ content, terminator }) => tree.text.slice(content.start, terminator?.end));
  return [joined.text.trim(), ...documents].join('\n');
}

function problemMessage(problem: SyntaxProblem): string {
  switch (problem.code) {
    case 'duplicate-directive':
      return `only one ${problem.subject} parser directive can be used`;
    case 'invalid-escape':
      return `invalid escape token '${problem.subject}' does not match \` or \\`;
    case 'line-too-long':
      return `dockerfile line greater than max allowed size of ${problem.subject}`;
    case 'unterminated-heredoc':
      return 'unterminated heredoc';
  }
}

/** What BuildKit says of it. */
export function parseErrorText({ stage, line, message }: DockerfileError): string {
  return stage === 'instruction' ? `dockerfile parse error on line ${line}: ${message}` : message;
}
