import {
  CodeActionKind,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type ServerCapabilities,
} from 'vscode-languageserver/node';
import { type Language, TOKEN_TYPES } from '../language.ts';

export const FIX_ALL = `${CodeActionKind.SourceFixAll}.slipway`;

/** What the server says it can do: a feature that at least one language has. */
export function capabilitiesOf(
  languages: readonly Language<unknown>[],
  client: ClientCapabilities,
): ServerCapabilities {
  const some = (has: (language: Language<unknown>) => unknown): boolean => languages.some((l) => has(l) !== undefined);
  const charactersOf = (of: (language: Language<unknown>) => readonly string[] | undefined): string[] => [
    ...new Set(languages.flatMap((language) => of(language) ?? [])),
  ];
  const occurrences = some((language) => language.occurrences);
  const [firstTyped, ...moreTyped] = charactersOf((language) => language.typing?.characters);
  return {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL], resolveProvider: true },
    hoverProvider: some((language) => language.hover),
    definitionProvider: some((language) => language.definition),
    referencesProvider: occurrences,
    documentHighlightProvider: occurrences,
    documentSymbolProvider: some((language) => language.symbols),
    workspaceSymbolProvider: some((language) => language.symbols),
    foldingRangeProvider: some((language) => language.folding),
    selectionRangeProvider: some((language) => language.selection),
    documentFormattingProvider: some((language) => language.format),
    documentRangeFormattingProvider: some((language) => language.format),
    inlayHintProvider: some((language) => language.hints),
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    ...(firstTyped === undefined
      ? {}
      : { documentOnTypeFormattingProvider: { firstTriggerCharacter: firstTyped, moreTriggerCharacter: moreTyped } }),
    ...(pullsDiagnostics(client)
      ? {
          diagnosticProvider: {
            identifier: 'slipway',
            interFileDependencies: true,
            workspaceDiagnostics: true,
            workDoneProgress: true,
          },
        }
      : {}),
    ...(some((language) => language.links) ? { documentLinkProvider: { resolveProvider: false } } : {}),
    ...(some((language) => language.lenses) ? { codeLensProvider: { resolveProvider: false } } : {}),
    ...(some((language) => language.completion)
      ? {
          completionProvider: {
            triggerCharacters: charactersOf((language) => language.completion?.triggerCharacters),
            resolveProvider: true,
          },
        }
      : {}),
    ...(some((language) => language.signatures)
      ? {
          signatureHelpProvider: {
            triggerCharacters: charactersOf((language) => language.signatures?.triggerCharacters),
          },
        }
      : {}),
    ...(some((language) => language.renaming) ? { renameProvider: { prepareProvider: true } } : {}),
    ...(some((language) => language.tokens)
      ? {
          semanticTokensProvider: {
            legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [] },
            full: { delta: true },
            range: true,
          },
        }
      : {}),
  };
}

/** A client that asks for diagnostics itself gets none pushed, or it would show them twice. */
export function pullsDiagnostics(client: ClientCapabilities): boolean {
  return client.textDocument?.diagnostic !== undefined;
}
