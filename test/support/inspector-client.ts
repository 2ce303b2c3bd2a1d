/** A debugger without an editor: Chrome's DevTools protocol over a WebSocket, as much of it as the tests need. */
import { once } from 'node:events';
import { WebSocket } from 'undici';

export interface InspectorClient extends Disposable {
  /** Sets a breakpoint by a pattern of the script's URL; lines count from 0. @returns how many places it bound to */
  breakAt(urlRegex: string, lineNumber: number): Promise<number>;
  /** The next stop: the function's name and the line, from 0. */
  stopped(): Promise<{ readonly functionName: string; readonly line: number }>;
  resume(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly locations?: readonly unknown[] };
  readonly params?: { readonly callFrames?: readonly CallFrame[] };
}

interface CallFrame {
  readonly functionName: string;
  readonly location: { readonly lineNumber: number };
}

/** @param port of this machine */
export async function inspectorClient(port: number): Promise<InspectorClient> {
  const list = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(list[0]?.webSocketDebuggerUrl ?? '');
  await once(socket as unknown as EventTarget, 'open');
  const answers = new Map<number, (message: Message) => void>();
  const stops: CallFrame[] = [];
  let onStop: (frame: CallFrame) => void = (frame) => void stops.push(frame);
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) answers.get(message.id)?.(message);
    const [frame] = message.params?.callFrames ?? [];
    if (message.method === 'Debugger.paused' && frame !== undefined) onStop(frame);
  });
  let last = 0;
  const send = async (method: string, params: object = {}): Promise<Message> => {
    const id = ++last;
    const { promise, resolve } = Promise.withResolvers<Message>();
    answers.set(id, resolve);
    socket.send(JSON.stringify({ id, method, params }));
    return await promise;
  };
  await send('Debugger.enable');
  await send('Runtime.runIfWaitingForDebugger');
  return {
    async breakAt(urlRegex, lineNumber) {
      const { result } = await send('Debugger.setBreakpointByUrl', { urlRegex, lineNumber });
      return result?.locations?.length ?? 0;
    },
    async stopped() {
      const frame = stops.shift() ?? (await new Promise<CallFrame>((resolve) => (onStop = resolve)));
      onStop = (next) => void stops.push(next);
      return { functionName: frame.functionName, line: frame.location.lineNumber };
    },
    resume: async () => void (await send('Debugger.resume')),
    [Symbol.dispose]: () => socket.close(),
  };
}
