import { append } from '#model/text/append.ts';
import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  ResponseError,
  type SymbolInformation,
} from 'vscode-languageserver/node';
import { toSymbol } from './convert.ts';
import { flatSymbols } from './flat-symbols.ts';
import type { OpenDocument } from './open-documents.ts';
import { inTurn } from './closed-documents.ts';
import { describeFailure } from './answers.ts';

const MOST = 200;

/** Stages, services, volumes … of all files of the workspace, open or not. */
export function registerWorkspaceSymbols(
  connection: Connection,
  paths: () => readonly string[],
  documentOf: (path: string) => OpenDocument | undefined,
): void {
  connection.onWorkspaceSymbol(async ({ query }, token: CancellationToken) => {
    const found: SymbolInformation[] = [];
    for await (const path of inTurn(paths(), token)) {
      try {
        const open = documentOf(path);
        if (open !== undefined)
          append(
            found,
            symbolsOf(open).filter(({ name }) => matches(name, query)),
          );
      } catch (error) {
        connection.console.error(`symbols of ${path}: ${describeFailure(error)}`);
      }
      if (found.length >= MOST) break;
    }
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
    return found.slice(0, MOST);
  });
}

/** Named things only: that there is a RUN says nothing. */
function symbolsOf({ language, document, positions, source }: OpenDocument): SymbolInformation[] {
  const symbols = language.symbols?.(document) ?? [];
  const named = symbols.flatMap((one) => [one, ...one.children.filter(({ kind }) => NAMED.has(kind))]);
  return named
    .filter(({ kind }) => NAMED.has(kind))
    .flatMap((one) =>
      flatSymbols([toSymbol(positions, { ...one, children: [] })], source.uri, containerOf(source.uri)),
    );
}

const NAMED: ReadonlySet<string> = new Set(['stage', 'variable', 'service', 'object']);

function containerOf(uri: string): string {
  return decodeURIComponent(uri.split('/').slice(-2).join('/'));
}

/** The letters of the query in their order, as editors search. */
export function matches(name: string, query: string): boolean {
  const wanted = query.toLowerCase();
  let at = 0;
  for (const char of name.toLowerCase()) if (char === wanted[at]) at++;
  return at >= wanted.length;
}
