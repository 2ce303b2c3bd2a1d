/** Lines of a Dockerfile, from 1, as subrequests have them. */
export function locationOf(line: number, lastLine = line) {
  return { ranges: [{ start: { line }, end: { line: lastLine } }] };
}

/** What a comment above the line says of the name: `# NAME is this` is `is this`; '' when there is none. */
export function descriptionOf(text: string, line: number, name: string): string {
  const lines = text.split('\n');
  for (let i = line - 2; i >= 0; i--) {
    const comment = /^\s*#\s?(.*)$/.exec(lines[i] ?? '')?.[1];
    if (comment === undefined) return '';
    if (comment.startsWith(`${name} `)) return comment.slice(name.length + 1).trim();
  }
  return '';
}
