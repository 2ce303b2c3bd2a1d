/** A completion as the client can take it: with or without snippets, documentation now or when it is asked for. */
import {
  type ClientCapabilities,
  type CompletionItem,
  CompletionItemKind,
  CompletionItemTag,
  InsertTextFormat,
  InsertTextMode,
  MarkupKind,
} from 'vscode-languageserver/node';
import type { Completion, CompletionKind } from '../language.ts';
import { toRange } from './convert.ts';
import type { Positions } from './positions.ts';

const KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  property: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  variable: CompletionItemKind.Variable,
  stage: CompletionItemKind.Class,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  reference: CompletionItemKind.Reference,
  snippet: CompletionItemKind.Snippet,
};

/** What a client can do with completions, and what it cannot. */
export interface CompletionSupport {
  readonly snippets: boolean;
  readonly resolvesDocumentation: boolean;
  readonly insertTextMode: boolean;
  readonly markdown: boolean;
  /** It can be told to ask for the next completion at once. */
  readonly suggestsAgain: boolean;
  readonly commitCharacters: boolean;
}

const SUGGEST = 'editor.action.triggerSuggest';

export function completionSupport(client: ClientCapabilities, commands: ReadonlySet<string>): CompletionSupport {
  const item = client.textDocument?.completion?.completionItem;
  return {
    snippets: item?.snippetSupport === true,
    resolvesDocumentation: item?.resolveSupport?.properties.includes('documentation') === true,
    insertTextMode: item?.insertTextModeSupport?.valueSet.includes(InsertTextMode.adjustIndentation) === true,
    markdown: item?.documentationFormat?.includes(MarkupKind.Markdown) !== false,
    suggestsAgain: commands.has(SUGGEST),
    commitCharacters: item?.commitCharactersSupport === true,
  };
}

export function toCompletion(
  positions: Pick<Positions, 'positionAt'>,
  completion: Completion,
  support: CompletionSupport,
): CompletionItem {
  const { label, kind, detail, documentation, span, snippet, rank, continues, filter } = completion;
  const isSnippet = snippet === true && support.snippets;
  const newText = snippet === true && !isSnippet ? withoutPlaceholders(completion.text) : completion.text;
  return {
    label,
    kind: KINDS[kind],
    textEdit: { range: toRange(positions, span), newText },
    sortText: `${String(rank ?? 0).padStart(3, '0')}${label}`,
    ...(filter === undefined ? {} : { filterText: filter }),
    ...(detail === undefined ? {} : { detail }),
    ...(documentation === undefined || support.resolvesDocumentation
      ? {}
      : { documentation: toDocumentation(documentation, support) }),
    ...(isSnippet ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
    ...(newText.includes('\n') && support.insertTextMode ? { insertTextMode: InsertTextMode.adjustIndentation } : {}),
    ...(completion.commit !== undefined && support.commitCharacters
      ? { commitCharacters: [...completion.commit] }
      : {}),
    ...(completion.deprecated === true ? { tags: [CompletionItemTag.Deprecated] } : {}),
    ...(continues === true && support.suggestsAgain ? { command: { title: 'Suggest', command: SUGGEST } } : {}),
  };
}

export function toDocumentation(
  markdown: string,
  { markdown: isRead }: Pick<CompletionSupport, 'markdown'>,
): NonNullable<CompletionItem['documentation']> {
  return { kind: isRead ? MarkupKind.Markdown : MarkupKind.PlainText, value: markdown };
}

/** Up to the first thing that the author is to fill in; what stands behind it would be in the way of writing it. */
function withoutPlaceholders(snippet: string): string {
  const first = /(?<!\\)\$(?:\{\d|\d)/.exec(snippet)?.index ?? snippet.length;
  return snippet.slice(0, first).replaceAll(/\\([$}\\])/g, '$1');
}
