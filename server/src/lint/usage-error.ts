/** Wrong usage or an unreadable file: the message is for the person at the terminal. */
export class LintUsageError extends Error {}
