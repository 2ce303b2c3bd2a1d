/** Answers that stream progress: an error before the first message is an HTTP error, one after it a message of its own. */
import { messageOf } from '#model/engine-api/errors.ts';
import type { ProgressMessage } from '#model/engine-api/progress.ts';
import type { Call, ReplyStream } from './route.ts';

export type Tell = (message: ProgressMessage) => void;

interface ProgressOptions {
  /** The `code` of an error's detail, where it has one. */
  readonly codeOf?: (error: unknown) => number | undefined;
  /** The answer begins before there is a message, so that every error is one. */
  readonly atOnce?: boolean;
}

/** Runs `work`; what it tells goes to the client in order. Messages after the client has gone are dropped. */
export async function replyWithProgress(
  call: Call,
  work: (tell: Tell) => Promise<void>,
  { codeOf = () => undefined, atOnce = false }: ProgressOptions = {},
): Promise<undefined> {
  const state: { stream?: ReplyStream } = atOnce ? { stream: call.stream('application/json') } : {};
  let sent = Promise.resolve();
  const tell: Tell = (message) => {
    const stream = (state.stream ??= call.stream('application/json'));
    sent = stream.json(message, '\r\n').catch(() => {});
  };
  try {
    await work(tell);
    state.stream ??= call.stream('application/json');
  } catch (error) {
    if (state.stream === undefined) throw error;
    const message = messageOf(error);
    const code = codeOf(error);
    tell({ errorDetail: { ...(code === undefined ? {} : { code }), message }, error: message });
  }
  await sent;
}
