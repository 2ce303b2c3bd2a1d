/** Names that are defined nowhere in the project. */
import { suggest } from '#model/text/suggest.ts';
import { declare } from '../../compose/declare.ts';
import type { ComposeDocument } from '../../compose/document.ts';
import { namesIn, type Section } from '../../compose/project.ts';
import type { Reference } from '../../compose/references.ts';
import type { ComposeRule } from '../compose-rule.ts';
import type { Fix } from '#model/rules/rule.ts';

function undefinedRule(id: string, title: string, section: Section): ComposeRule {
  return {
    id,
    severity: 'error',
    title,
    *check(document) {
      const { references, project, root } = document;
      if (!project.isComplete) return;
      const names = namesIn(root, project, section);
      for (const reference of references) {
        if (reference.section !== section || reference.optional || names.has(reference.name)) continue;
        const others = [...names].filter((name) => section !== 'services' || name !== reference.service);
        const near = suggest(reference.name, others, true);
        const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
        const fixes = fixesOf(document, reference, near);
        yield { span: reference.span, message: `${messageFor(reference)}${hint}`, fixes };
      }
    },
  };
}

/** In Compose's words. */
function messageFor({ by, name, service }: Reference): string {
  switch (by) {
    case 'depends_on':
    case 'links':
    case 'volumes_from':
    case 'namespace':
    case 'additional_contexts':
      return `service "${service}" depends on undefined service "${name}"`;
    case 'extends':
      return `cannot extend service "${service}": service "${name}" not found`;
    case 'networks':
    case 'volumes':
    case 'configs':
    case 'secrets':
    case 'models':
      return `service "${service}" refers to undefined ${by.slice(0, -1)} ${name}`;
    case 'build secret':
      return `service "${service}" refers to undefined build secret ${name}`;
  }
}

function fixesOf(document: ComposeDocument, { section, name, span }: Reference, near: string | undefined): Fix[] {
  const fixes: Fix[] = [];
  if (near !== undefined) fixes.push({ title: `Change to '${near}'`, edits: [{ span, text: near }] });
  const edit = section === 'networks' || section === 'volumes' ? declare(document, section, name) : undefined;
  if (edit !== undefined) fixes.push({ title: `Define ${section.slice(0, -1)} '${name}'`, edits: [edit] });
  return fixes;
}

export const UNDEFINED_REFERENCES: readonly ComposeRule[] = [
  undefinedRule('undefined-service', 'Services that are referred to exist', 'services'),
  undefinedRule('undefined-network', 'Networks that services join are defined', 'networks'),
  undefinedRule('undefined-volume', 'Named volumes that services mount are defined', 'volumes'),
  undefinedRule('undefined-secret', 'Secrets that services use are defined', 'secrets'),
  undefinedRule('undefined-config', 'Configs that services use are defined', 'configs'),
  undefinedRule('undefined-model', 'Models that services use are defined', 'models'),
];
