/**
 * Offsets of a text <-> the protocol's positions, in the encoding that client and server agreed on. Unlike the files'
 * own line index, a lone carriage return ends a line here, as the protocol has it (LSP 3.17, "Position", `EOL`).
 */
import type { Position } from '#model/text/line-index.ts';

export type PositionEncoding = 'utf-8' | 'utf-16' | 'utf-32';

export interface Positions {
  readonly lineCount: number;
  /** Positions outside the text are clamped to it; one inside a character is at the character's start. */
  offsetAt(position: Position): number;
  positionAt(offset: number): Position;
  /** Offsets of the line's first character and just behind its last, before its line break. */
  startOf(line: number): number;
  endOf(line: number): number;
  /** How many of the encoding's units [start, end) has. */
  unitsIn(start: number, end: number): number;
}

const NEWLINE = 10;
const RETURN = 13;

export function createPositions(text: string, encoding: PositionEncoding): Positions {
  const starts = lineStarts(text);
  const startOf = (line: number): number => starts[Math.max(0, line)] ?? text.length;
  const endOf = (line: number): number => {
    let end = startOf(line + 1);
    const start = startOf(line);
    if (line + 1 >= starts.length) return end;
    if (text.charCodeAt(end - 1) === NEWLINE) end--;
    if (end > start && text.charCodeAt(end - 1) === RETURN) end--;
    return end;
  };
  const unitsIn = (start: number, end: number): number =>
    encoding === 'utf-16' ? end - start : countUnits(text, start, end, encoding);
  return {
    lineCount: starts.length,
    startOf,
    endOf,
    unitsIn,
    offsetAt({ line, character }) {
      if (line < 0) return 0;
      if (line >= starts.length) return text.length;
      const start = startOf(line);
      const end = endOf(line);
      if (encoding === 'utf-16') return Math.min(start + Math.max(0, character), end);
      return skipUnits(text, start, end, character, encoding);
    },
    positionAt(offset) {
      const clamped = Math.max(0, Math.min(offset, text.length));
      const line = lineOf(starts, clamped);
      return { line, character: unitsIn(startOf(line), clamped) };
    },
  };
}

/** The encoding that the client likes best of those we know; UTF-16 for one that says nothing. */
export function chooseEncoding(offered: readonly string[] | undefined): PositionEncoding {
  const known = offered?.find((one) => one === 'utf-8' || one === 'utf-16' || one === 'utf-32');
  return known ?? 'utf-16';
}

function lineStarts(text: string): number[] {
  const starts = [0];
  if (!text.includes('\r')) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || (code === RETURN && text.charCodeAt(at + 1) !== NEWLINE)) starts.push(at + 1);
  }
  return starts;
}

/** The last line that starts at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unitsOf(codePoint: number, encoding: 'utf-8' | 'utf-32'): number {
  if (encoding === 'utf-32' || codePoint < 0x80) return 1;
  return codePoint < 0x8_00 ? 2 : codePoint < 0x1_00_00 ? 3 : 4;
}

function countUnits(text: string, start: number, end: number, encoding: 'utf-8' | 'utf-32'): number {
  let units = 0;
  for (let at = start; at < end; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    units += unitsOf(codePoint, encoding);
    at += codePoint > 0xff_ff ? 2 : 1;
  }
  return units;
}

function skipUnits(text: string, start: number, end: number, units: number, encoding: 'utf-8' | 'utf-32'): number {
  let at = start;
  for (let left = units; at < end; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    left -= unitsOf(codePoint, encoding);
    if (left < 0) break;
    at += codePoint > 0xff_ff ? 2 : 1;
  }
  return at;
}
