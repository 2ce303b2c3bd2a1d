import type { DocumentSymbol, SymbolInformation } from 'vscode-languageserver/node';

/** A tree of symbols for clients that know lists only, and for the list of the whole workspace: parents become containers. */
export function flatSymbols(symbols: readonly DocumentSymbol[], uri: string, containerName = ''): SymbolInformation[] {
  return symbols.flatMap(({ name, kind, range, children }) => [
    { name, kind, location: { uri, range }, ...(containerName === '' ? {} : { containerName }) },
    ...flatSymbols(children ?? [], uri, name),
  ]);
}
