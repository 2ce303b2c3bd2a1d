import { entriesOf, valueAt } from '#model/compose/tree.ts';
import type { Section } from '../../compose/project.ts';
import { referencesIn } from '../../compose/references.ts';
import type { ComposeRule } from '../compose-rule.ts';

const SECTIONS: readonly Section[] = ['networks', 'volumes', 'secrets', 'configs', 'models'];

export const unusedDefinition: ComposeRule = {
  id: 'unused-definition',
  severity: 'hint',
  title: 'What is defined is used by a service',
  *check({ root, references, project }) {
    if (!project.isComplete) return;
    const others = project.files.flatMap(({ tree }) => referencesIn(entriesOf(valueAt(tree.root, 'services'))));
    const used = new Set([...references, ...others].map(({ section, name }) => `${section} ${name}`));
    for (const section of SECTIONS) {
      for (const { key, keySpan, merged } of entriesOf(valueAt(root, section))) {
        if (merged || key.startsWith('x-') || key === 'default' || used.has(`${section} ${key}`)) continue;
        yield { span: keySpan, message: `no service uses the ${section.slice(0, -1)} '${key}'`, tag: 'unnecessary' };
      }
    }
  },
};
