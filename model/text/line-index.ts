/** Offsets <-> lines and characters of one text. Lines and characters count from 0; characters are UTF-16 units (as LSP's). */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface LineIndex {
  readonly lineCount: number;
  /** Positions outside the text are clamped to it. */
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
  lineAt(offset: number): number;
  /** Offset of the line's first character. */
  startOf(line: number): number;
  /** Offset just behind the line's last character, before its line break. */
  endOf(line: number): number;
}

const NEWLINE = 10;
const RETURN = 13;

export function createLineIndex(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);

  const startOf = (line: number): number => starts[Math.max(0, line)] ?? text.length;
  const endOf = (line: number): number => {
    let end = line + 1 < starts.length ? startOf(line + 1) : text.length;
    const start = startOf(line);
    if (end > start && text.charCodeAt(end - 1) === NEWLINE) end--;
    if (end > start && text.charCodeAt(end - 1) === RETURN) end--;
    return end;
  };
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (startOf(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    lineCount: starts.length,
    startOf,
    endOf,
    lineAt,
    offsetAt({ line, character }) {
      if (line < 0) return 0;
      if (line >= starts.length) return text.length;
      return Math.min(startOf(line) + Math.max(0, character), endOf(line));
    },
    positionAt(offset) {
      const clamped = Math.max(0, Math.min(offset, text.length));
      const line = lineAt(clamped);
      return { line, character: clamped - startOf(line) };
    },
  };
}
