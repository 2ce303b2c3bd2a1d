/** What connecting over SSH may have to ask the person. Every answer `undefined` means: they gave up. */
export interface UnknownHostKey {
  /** The name that the person uses for it. */
  readonly name: string;
  /** As in known_hosts: `host` or `[host]:port`. */
  readonly host: string;
  readonly keyType: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Types of keys by which the host is known already. */
  readonly otherTypes: readonly string[];
}

export interface SshPrompts {
  trustHostKey(key: UnknownHostKey): Promise<boolean>;
  /** @param attempt from 1; above 1 the last answer was wrong */
  passphrase(keyFile: string, attempt: number): Promise<string | undefined>;
  password(who: string, attempt: number): Promise<string | undefined>;
  /** One question of the server (keyboard-interactive). */
  answer(who: string, instructions: string, question: string, echo: boolean): Promise<string | undefined>;
}
