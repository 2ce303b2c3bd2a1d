/** Code actions. Edits all over the file are worked out when one is chosen, for clients that ask again. */
import {
  type ClientCapabilities,
  type CodeAction,
  type CodeActionParams,
  type Connection,
  uinteger,
} from 'vscode-languageserver/node';
import * as v from 'valibot';
import type { Answers } from './answers.ts';
import { FIX_ALL } from './capabilities.ts';
import { codeActions, isFixOfRule } from './code-actions.ts';
import type { Findings } from './findings.ts';
import type { Session } from './session.ts';

/** The document of the action, which is looked for again in the text as it is then. */
const DATA = v.object({ uri: v.string() });
/** Whatever place it was offered for: by then that may be another one. */
const EVERYWHERE = { start: { line: 0, character: 0 }, end: { line: uinteger.MAX_VALUE, character: 0 } };

export function registerCodeActions(
  connection: Connection,
  answers: Answers,
  session: Session,
  findings: Findings,
): void {
  const all = answers.about((open, params: CodeActionParams) => codeActions(open, findings.of(open), params, session));
  connection.onCodeAction((params, token) => {
    const actions = all(params, token);
    if (!Array.isArray(actions) || !resolvesEdits(session.client)) return actions;
    return actions.map((action) => (isAllOver(action) ? withoutEdit(action, params) : action));
  });
  connection.onCodeActionResolve((action, token) => {
    const data = v.safeParse(DATA, action.data);
    if (action.edit !== undefined || !data.success) return action;
    const only = action.kind === undefined ? {} : { only: [action.kind] };
    const params = { textDocument: data.output, range: EVERYWHERE, context: { diagnostics: [], ...only } };
    const actions = all(params, token);
    if (!Array.isArray(actions)) return actions ?? action;
    const edit = actions.find(({ title }) => title === action.title)?.edit;
    return edit === undefined ? action : { ...action, edit };
  });
}

function resolvesEdits({ textDocument }: ClientCapabilities): boolean {
  const { dataSupport, resolveSupport } = textDocument?.codeAction ?? {};
  return dataSupport === true && resolveSupport?.properties.includes('edit') === true;
}

function isAllOver({ kind, title }: CodeAction): boolean {
  return kind === FIX_ALL || isFixOfRule(title);
}

function withoutEdit({ edit: _, ...action }: CodeAction, { textDocument }: CodeActionParams): CodeAction {
  return { ...action, data: { uri: textDocument.uri } };
}
