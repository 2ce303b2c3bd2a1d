/** What dev containers and debuggers need of the editor beyond its user interface. Implemented once on VS Code. */
import type { CommandDeps } from '../commands/deps.ts';
import type { AttachConfiguration } from '../debug/attach-configuration.ts';
import type { FilePlace } from './config-file.ts';
import type { DevSessions } from './dev-sessions.ts';
import type { EditorPlaces } from './editor-source.ts';

export interface DebugHandle {
  /** Called once when the session is over, whoever ended it. */
  onEnd(listener: () => void): void;
  stop(): void;
}

export interface EditorPort {
  /** Absolute paths of the open folders of this machine. */
  workspaceFolders(): readonly string[];
  /** Shows the file with the caret there. */
  openAt(place: FilePlace): Promise<void>;
  places(): EditorPlaces;
  /** What the person has set that makes an editor their own, by setting. */
  personalSettings(): Readonly<Record<string, unknown>>;
  /** A folder of this extension's own, kept over restarts. */
  readonly storage: string;
  /** undefined: the debugger did not start, and the editor has said why. */
  startDebugging(folder: string | undefined, configuration: AttachConfiguration): Promise<DebugHandle | undefined>;
}

export interface DevDeps extends CommandDeps {
  readonly editor: EditorPort;
  readonly sessions: DevSessions;
}
