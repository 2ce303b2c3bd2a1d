/** Completion: the language's own, names of images from the client's source, and documentation when it is asked for. */
import type { CancellationToken, CompletionItem, CompletionList, Connection } from 'vscode-languageserver/node';
import type { Completion } from '../language.ts';
import type { Answers } from './answers.ts';
import { completionSupport, toCompletion, toDocumentation } from './completion-item.ts';
import { imageCompletions, type ImageSource } from './image-source.ts';
import type { OpenDocument } from './open-documents.ts';
import type { Session } from './session.ts';

export function registerCompletions(
  connection: Connection,
  answers: Answers,
  session: Session,
  images: ImageSource,
): void {
  let offered: readonly Completion[] = [];
  let round = 0;
  const toList = ({ positions }: OpenDocument, completions: readonly Completion[]): CompletionItem[] => {
    const support = completionSupport(session.client, session.commands);
    offered = completions;
    round++;
    return completions.map((one, index) => ({
      ...toCompletion(positions, one, support),
      ...(support.resolvesDocumentation && one.documentation !== undefined ? { data: { round, index } } : {}),
    }));
  };
  const own = answers.at((open, offset) => {
    const { language, document } = open;
    if (language.completion === undefined) return undefined;
    const completions = language.completion.complete(document, offset);
    const query = language.completion.imageAt?.(document, offset);
    return { open, completions, query };
  });
  connection.onCompletion(async (params, token: CancellationToken) => {
    const found = own(params, token);
    if (found === null || !('open' in found)) return found;
    const { open, completions, query } = found;
    if (query === undefined || !session.imageSource) return toList(open, completions);
    const named = imageCompletions(query, await images.names(query.prefix, token));
    const known = new Set(named.map(({ label }) => label));
    const items = toList(open, [...named, ...completions.filter(({ label }) => !known.has(label))]);
    // More of what is written may be more than the source told: it is asked again.
    return { isIncomplete: true, items } satisfies CompletionList;
  });
  connection.onCompletionResolve((item) => {
    const data: unknown = item.data;
    const { round: of, index } = { round: -1, index: -1, ...(typeof data === 'object' ? data : {}) };
    const documentation = of === round ? offered[index]?.documentation : undefined;
    if (documentation === undefined) return item;
    const support = completionSupport(session.client, session.commands);
    return { ...item, documentation: toDocumentation(documentation, support) };
  });
}
