/** The features that answer a question about the whole document. */
import {
  FoldingRangeKind,
  InlayHintKind,
  MarkupKind,
  type Connection,
  type DocumentSymbol,
  type FormattingOptions,
  type Range,
  type TextEdit,
} from 'vscode-languageserver/node';
import type { FormatOptions } from '../language.ts';
import type { Answers } from './answers.ts';
import { toEdit, toRange, toSymbol } from './convert.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Session } from './session.ts';
import { flatSymbols } from './flat-symbols.ts';

/** VS Code shows no plain space between an icon and the text behind it. */
const NO_BREAK_SPACE = '\u00a0';

export function registerWholeDocument(connection: Connection, { about }: Answers, session: Session): void {
  connection.onDocumentSymbol(
    about(({ language, document, positions, source }) => {
      const symbols: DocumentSymbol[] | undefined = language.symbols?.(document).map((one) => toSymbol(positions, one));
      const nests = session.client.textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true;
      return nests || symbols === undefined ? symbols : flatSymbols(symbols, source.uri);
    }),
  );
  connection.onFoldingRanges(
    about(({ language, document, source, positions }) =>
      language.folding?.(document).map(({ startLine, endLine, comment }) => ({
        startLine: positions.positionAt(source.lines.startOf(startLine)).line,
        endLine: positions.positionAt(source.lines.startOf(endLine)).line,
        ...(comment ? { kind: FoldingRangeKind.Comment } : {}),
      })),
    ),
  );
  connection.onDocumentLinks(
    about(({ language, document, positions }) =>
      language.links?.(document).map(({ span, target, tooltip }) => ({
        range: toRange(positions, span),
        target,
        tooltip,
      })),
    ),
  );
  connection.languages.inlayHint.on(
    about((open, { range }) => {
      const isInside = isWithin(open, range);
      const hints = open.language.hints?.(open.document).filter(({ offset }) => isInside(offset, offset));
      return hints?.map(({ offset, label, tooltip }) => ({
        position: open.positions.positionAt(offset),
        label,
        kind: InlayHintKind.Parameter,
        tooltip: { kind: MarkupKind.Markdown, value: tooltip },
        paddingLeft: true,
      }));
    }),
  );
  connection.onCodeLens(
    about(({ language, document, positions }) =>
      language
        .lenses?.(document)
        .filter(({ command }) => session.commands.has(command))
        .map(({ span, icon, title, command, arguments: args }) => ({
          range: toRange(positions, span),
          command: { title: `$(${icon})${NO_BREAK_SPACE}${title}`, command, arguments: [...args] },
        })),
    ),
  );
  registerFormatting(connection, about);
}

function registerFormatting(connection: Connection, about: Answers['about']): void {
  connection.onDocumentFormatting(about((open, { options }) => formatted(open, options)));
  connection.onDocumentRangeFormatting(
    about((open, { options, range }) => {
      const isInside = isWithin(open, range);
      return formatted(open, options, isInside);
    }),
  );
  connection.onDocumentOnTypeFormatting(
    about(({ language, document, positions }, { options, position }) =>
      language.typing
        ?.formatAfter(document, positions.offsetAt(position), toOptions(options))
        .map((edit) => toEdit(positions, edit)),
    ),
  );
}

function formatted(
  { language, document, positions }: OpenDocument,
  options: FormattingOptions,
  isInside: (start: number, end: number) => boolean = () => true,
): TextEdit[] | undefined {
  return language
    .format?.(document, toOptions(options))
    .filter(({ span }) => isInside(span.start, span.end))
    .map((edit) => toEdit(positions, edit));
}

/** Both ends count: an edit right at the edge of a selection is a part of it. */
function isWithin({ positions }: OpenDocument, range: Range): (start: number, end: number) => boolean {
  const [from, to] = [positions.offsetAt(range.start), positions.offsetAt(range.end)];
  return (start, end) => start >= from && end <= to;
}

function toOptions({ tabSize, insertSpaces }: FormattingOptions): FormatOptions {
  const isUsable = Number.isInteger(tabSize) && tabSize > 0 && tabSize <= 32;
  return { tabSize: isUsable ? tabSize : 4, insertSpaces };
}
