/** Answers that stream progress: an error before the first message is an HTTP error, one after it a message of its own. */
import { messageOf } from '#model/engine-api/errors.ts';
import type { ProgressMessage } from '#model/engine-api/progress.ts';
import type { Call, ReplyStream } from './route.ts';

export type Tell = (message: ProgressMessage) => void;

/** Runs `work`; what it tells goes to the client in order. Messages after the client has gone are dropped. */
export async function replyWithProgress(call: Call, work: (tell: Tell) => Promise<void>): Promise<undefined> {
  const state: { stream?: ReplyStream } = {};
  let sent = Promise.resolve();
  const tell: Tell = (message) => {
    const stream = (state.stream ??= call.stream('application/json'));
    sent = sent.then(() => stream.json(message)).catch(() => {});
  };
  try {
    await work(tell);
    state.stream ??= call.stream('application/json');
  } catch (error) {
    if (state.stream === undefined) throw error;
    const message = messageOf(error);
    tell({ errorDetail: { message }, error: message });
  }
  await sent;
}
