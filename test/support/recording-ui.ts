/** A user interface that notes what it is told, one line each: `info TEXT [Button]`, `channel NAME: LINE`. */
import type { Ui } from '../../client/src/views/ui.ts';

export interface RecordingUi extends Pick<Ui, 'info' | 'warn' | 'error' | 'log' | 'channel'> {
  readonly said: string[];
  clear(): void;
}

export function recordingUi(): RecordingUi & Ui {
  const said: string[] = [];
  const note =
    (kind: string): Ui['info'] =>
    (message, ...actions) =>
      void said.push([kind, message, ...actions.map(({ label }) => `[${label}]`)].join(' '));
  return {
    said,
    clear: () => void (said.length = 0),
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    log: (line) => void said.push(`log ${line}`),
    channel: (name) => ({
      append: (text) => void said.push(`channel ${name}: ${text}`),
      appendLine: (line) => void said.push(`channel ${name}: ${line}`),
      clear: () => {},
      show: () => void said.push(`show ${name}`),
    }),
    pick: async () => undefined,
    ask: async () => undefined,
    confirm: async () => false,
    progress: async (_title, work) => await work(() => {}, new AbortController().signal),
    showLog: () => {},
    openText: async () => {},
    openTerminal: () => {},
    openShell: () => {},
    runProgram: () => {},
    save: async () => {},
    chooseFiles: async () => [],
    chooseTarget: async () => undefined,
    openWalkthrough: async () => {},
    openExternal: async (url) => void said.push(`open ${url}`),
    copy: async () => {},
  };
}
