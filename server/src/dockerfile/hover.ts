import { type Span, spanOf, touches } from '#model/text/span.ts';
import { parseReference } from '#model/oci/reference.ts';
import type { Hover } from '../language.ts';
import { DOCKERFILE_RULES } from '../rules/dockerfile-rules.ts';
import { commandsOf } from './commands.ts';
import { type DockerfileDocument, instructionAt } from './document.ts';
import { flagInfo } from './flags.ts';
import { INSTRUCTIONS, isInstruction } from './instructions.ts';
import { MOUNT_KEYS, mountFields } from './mount-fields.ts';
import { definitionAt, stageAt } from './occurrences.ts';
import { PLATFORM_ARGS } from '#model/dockerfile/predefined-args.ts';
import { PROGRAMS } from './shell-programs.ts';
import { valueOf } from '#model/dockerfile/values.ts';
import type { Directive, Instruction } from '#model/dockerfile/syntax/tree.ts';

const REFERENCE = 'https://docs.docker.com/reference/dockerfile/';

export function hover(document: DockerfileDocument, offset: number): Hover | undefined {
  const comment = document.tree.comments.find(({ span }) => touches(span, offset));
  if (comment !== undefined) return hoverRule(document, comment.span, offset);
  const directive = document.tree.directives.find(({ span }) => touches(span, offset));
  if (directive !== undefined) return hoverDirective(directive, offset) ?? hoverRule(document, directive.span, offset);
  const outer = instructionAt(document, offset);
  if (outer === undefined) return undefined;
  const { trigger } = outer;
  const instruction = trigger !== undefined && offset >= trigger.nameSpan.start ? trigger : outer;
  return (
    hoverKeyword(instruction, offset) ??
    hoverFlag(document, instruction, offset) ??
    hoverVariable(document, offset) ??
    hoverStage(document, offset) ??
    hoverImage(document, offset) ??
    hoverProgram(document, instruction, offset)
  );
}

function hoverKeyword({ keyword, nameSpan }: Instruction, offset: number): Hover | undefined {
  const info = INSTRUCTIONS[keyword];
  if (info === undefined || !isInstruction(keyword) || !touches(nameSpan, offset)) return undefined;
  const forms = `\`\`\`dockerfile\n${info.forms.join('\n')}\n\`\`\``;
  return {
    span: nameSpan,
    markdown: `${forms}\n\n${info.summary}\n\n[Reference](${REFERENCE}#${keyword.toLowerCase()})`,
  };
}

function hoverFlag(document: DockerfileDocument, { keyword, flags }: Instruction, offset: number): Hover | undefined {
  const flag = flags.find(({ span }) => touches(span, offset));
  if (flag === undefined) return undefined;
  const info = flagInfo(keyword, flag.name);
  if (touches(flag.nameSpan, offset)) {
    return info === undefined
      ? undefined
      : { span: flag.nameSpan, markdown: `\`--${flag.name}\`: ${info.documentation}` };
  }
  if (keyword === 'RUN' && flag.name === 'mount') {
    const fields = mountFields(flag);
    const field = fields.find(({ keySpan }) => touches(keySpan, offset));
    const type = fields.find(({ key }) => key === 'type')?.value ?? 'bind';
    const documentation = field?.key === 'type' ? 'Kind of the mount.' : MOUNT_KEYS.get(type)?.get(field?.key ?? '');
    if (field !== undefined && documentation !== undefined) {
      return { span: field.keySpan, markdown: `\`${field.key}\` (${type} mount): ${documentation}` };
    }
  }
  return hoverStage(document, offset) ?? hoverVariable(document, offset);
}

function hoverVariable(document: DockerfileDocument, offset: number): Hover | undefined {
  const found = definitionAt(document, offset);
  if (found === undefined) {
    const use = document.variables.uses.find(({ nameSpan }) => touches(nameSpan, offset));
    const documentation = use === undefined ? undefined : PLATFORM_ARGS.get(use.name);
    return use === undefined || documentation === undefined
      ? undefined
      : { span: use.span, markdown: `\`${use.name}\`, set by the builder: ${documentation}` };
  }
  const { name, kind, stage, instruction } = found.definition;
  const value = valueOf(document, found.definition);
  const line = document.source.lines.lineAt(instruction.span.start) + 1;
  const where = stage === undefined ? 'before the first FROM' : `in line ${line}`;
  const shown = value === undefined ? 'no default: set it with `--build-arg`' : `\`${value}\``;
  return { span: found.span, markdown: `**${kind}** \`${name}\`: ${shown}\n\nDefined ${where}.` };
}

function hoverStage(document: DockerfileDocument, offset: number): Hover | undefined {
  const found = stageAt(document, offset);
  if (found === undefined) return undefined;
  const { stage, span } = found;
  const title =
    stage.name === undefined ? `Stage ${stage.index}` : `Stage \`${stage.name.text}\` (number ${stage.index})`;
  const base = `\`\`\`dockerfile\n${stage.from.joined.text.trim()}\n\`\`\``;
  return { span, markdown: `${title}\n\n${base}` };
}

function hoverImage({ stages }: DockerfileDocument, offset: number): Hover | undefined {
  const image = stages.find((stage) => stage.image !== undefined && touches(stage.image.span, offset))?.image;
  if (image === undefined || image.text.includes('$')) return undefined;
  if (image.text === 'scratch')
    return { span: image.span, markdown: 'The empty image: the stage starts with no files.' };
  try {
    const { domain, path, tag, digest } = parseReference(image.text);
    const rows = [
      `registry \`${domain}\``,
      `repository \`${path}\``,
      `tag \`${tag ?? (digest === undefined ? 'latest' : 'none')}\``,
    ];
    if (digest !== undefined) rows.push(`digest \`${digest}\``);
    return { span: image.span, markdown: rows.map((row) => `- ${row}`).join('\n') };
  } catch {
    return undefined; // no valid name: a diagnostic says so
  }
}

/** Names of rules in comments that switch them off. */
function hoverRule({ text }: DockerfileDocument, { start, end }: Span, offset: number): Hover | undefined {
  const comment = text.slice(start, end);
  if (!/^#\s*(?:(?:hadolint|slipway)\s+(?:(?:global|stage)\s+)?ignore|check)\s*=/.test(comment)) return undefined;
  for (const { index, 0: name } of comment.matchAll(/[A-Za-z]\w+/g)) {
    const span = spanOf(start + index, start + index + name.length);
    const rule = DOCKERFILE_RULES.find(({ id, aliases }) => id === name || aliases?.includes(name));
    if (rule === undefined || !touches(span, offset)) continue;
    const also = rule.id === name ? '' : ` (the same as \`${rule.id}\`)`;
    return { span, markdown: `\`${name}\`${also}: ${rule.title}. Severity: ${rule.severity}.` };
  }
  return undefined;
}

/** What a program is for, where it is started. */
function hoverProgram(document: DockerfileDocument, instruction: Instruction, offset: number): Hover | undefined {
  if (!['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(instruction.keyword)) return undefined;
  for (const { program } of commandsOf(instruction, document.text, document.factsOf(instruction))) {
    const info =
      touches(program.span, offset) && Object.hasOwn(PROGRAMS, program.text) ? PROGRAMS[program.text] : undefined;
    if (info !== undefined) return { span: program.span, markdown: `\`${program.text}\`: ${info.summary}` };
  }
  return undefined;
}

const DIRECTIVES: Readonly<Record<string, string>> = {
  syntax: 'The image that reads this file: the version of the Dockerfile syntax.',
  escape: 'The character that continues lines and escapes: a backslash or a backtick.',
  check: 'Which build checks are skipped, and whether they fail the build.',
};

function hoverDirective(directive: Directive, offset: number): Hover | undefined {
  const documentation = DIRECTIVES[directive.name];
  if (documentation === undefined || !touches(directive.nameSpan, offset)) return undefined;
  return { span: directive.nameSpan, markdown: `${documentation}\n\n[Reference](${REFERENCE}#${directive.name})` };
}
