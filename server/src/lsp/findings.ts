/** What is wrong with a document: the rules' findings, and ShellCheck's as far as they are known. Computed once per version. */
import type { Finding } from '#model/rules/rule.ts';
import type { Settings } from '../settings.ts';
import type { ShellChecker } from '../shellcheck/shell-checker.ts';
import type { OpenDocument } from './open-documents.ts';

export interface Findings {
  of(open: OpenDocument): readonly Finding[];
  /** Has the document's scripts checked after a pause; a later call for the same document replaces this one. */
  checkScripts(open: OpenDocument): void;
  cancel(uri: string): void;
}

const PAUSE_MS = 250;
const REPLACED = 'replaced';

interface Computed {
  readonly settings: Settings;
  readonly findings: readonly Finding[];
}

/** @param changed a document of which more is known now */
export function createFindings(
  session: { readonly settings: Settings },
  checker: ShellChecker,
  changed: (uri: string) => void,
): Findings {
  const computed = new WeakMap<OpenDocument, Computed>();
  const underway = new Map<string, AbortController>();
  const cancel = (uri: string): void => {
    // With a reason V8 needs not write down where that was, which takes longer than a rule does.
    underway.get(uri)?.abort(REPLACED);
    underway.delete(uri);
  };
  const compute = ({ language, document }: OpenDocument): readonly Finding[] => {
    const { settings } = session;
    const findings = language.diagnose(document, settings);
    const { shell } = language;
    const checked = shell === undefined ? [] : checker.known(() => shell.scripts(document));
    if (shell === undefined || checked.length === 0) return findings;
    const all = [...findings, ...shell.findings(document, checked, settings)];
    return all.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  };
  return {
    cancel,
    of(open) {
      const known = computed.get(open);
      if (known?.settings === session.settings) return known.findings;
      const findings = compute(open);
      computed.set(open, { settings: session.settings, findings });
      return findings;
    },
    checkScripts(open) {
      const { uri } = open.source;
      const { shell } = open.language;
      cancel(uri);
      if (shell === undefined) return;
      const controller = new AbortController();
      underway.set(uri, controller);
      const { signal } = controller;
      const check = async (): Promise<void> => {
        const news = await checker.check(shell.scripts(open.document), signal);
        if (underway.get(uri) === controller) underway.delete(uri);
        if (!news || signal.aborted) return;
        computed.delete(open);
        changed(uri);
      };
      const timer = setTimeout(() => void check(), PAUSE_MS);
      signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    },
  };
}
