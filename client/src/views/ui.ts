/** What commands ask of the editor's user interface. Implemented once on VS Code; tests answer with plain objects. */

export interface PickItem<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** A codicon's name, without `$()`. */
  readonly icon?: string;
  readonly value: T;
}

export interface Question {
  readonly prompt: string;
  readonly title?: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly secret?: boolean;
  /** Says what is wrong with the text so far, for a person; undefined when it is fine. */
  readonly validate?: (text: string) => string | undefined;
}

export interface ProgressReport {
  /** @param percent how far in all, 0 to 100; left out while unknown */
  (message: string, percent?: number): void;
}

/** An action offered beside a message. */
export interface Action {
  readonly label: string;
  readonly run: () => unknown;
}

/** A program behind a terminal of the editor. Input before `start` resolves is kept by the program. */
export interface TerminalProgram {
  /** @returns the exit code, or undefined when there is none to tell; a thrown error is written to the terminal */
  run(screen: TerminalScreen, signal: AbortSignal): Promise<number | undefined>;
  input?(data: string): void;
  resize?(size: TerminalSize): void;
}

export interface TerminalScreen {
  readonly size: TerminalSize | undefined;
  write(data: Uint8Array | string): void;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface LocalProgram {
  /** Looked for in the terminals' `PATH`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ui {
  /** undefined: the person left the list. */
  pick<T>(
    title: string,
    items: readonly PickItem<T>[],
    options?: { readonly placeholder?: string },
  ): Promise<T | undefined>;
  /** undefined: the person left the box. */
  ask(question: Question): Promise<string | undefined>;
  /** A modal question; true when the person chose the action. @param other a second button, after which the answer is no */
  confirm(message: string, detail: string, action: string, other?: Action): Promise<boolean>;
  info(message: string, ...actions: readonly Action[]): void;
  warn(message: string, ...actions: readonly Action[]): void;
  /** One clear message; *Show Log* is always among the actions. */
  error(message: string, ...actions: readonly Action[]): void;
  /** A cancellable progress notification; it does not appear for work that is done at once. */
  progress<T>(title: string, work: (report: ProgressReport, signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Appends a line to the *Slipway* output channel. */
  log(line: string): void;
  showLog(): void;
  /** An output channel of its own, made when first asked for. */
  channel(name: string): { append(text: string): void; appendLine(line: string): void; clear(): void; show(): void };
  /** A read-only document. @param language VS Code's language id */
  openText(name: string, language: string, text: string): Promise<void>;
  /** @param icon a codicon */
  openTerminal(name: string, icon: string, program: TerminalProgram): void;
  /** A shell of this machine with these variables set. */
  openShell(name: string, env: Readonly<Record<string, string>>): void;
  /** A program of this machine in a terminal that stays when it has ended. */
  runProgram(name: string, program: LocalProgram): void;
  /** Saves the file where it is open with changes. */
  save(path: string): Promise<void>;
  /** Files of this machine that the person chooses; none when they leave the dialog. */
  chooseFiles(title: string): Promise<readonly string[]>;
  /** Where to write a file of this machine. */
  chooseTarget(name: string): Promise<string | undefined>;
  /** @param id as in package.json */
  openWalkthrough(id: string): Promise<void>;
  openExternal(url: string): Promise<void>;
  copy(text: string): Promise<void>;
}
