/** The physical lines of a text, one after the other, without their line breaks. */
export interface LineReader {
  /** Offset of the current line's first character and just behind its last. */
  readonly start: number;
  readonly end: number;
  /** Moves to the next line; false at the end of the text. */
  next(): boolean;
}

export function createLineReader(text: string, from: number): LineReader {
  let following = from;
  let atEnd = false;
  const reader = {
    start: from,
    end: from,
    next(): boolean {
      if (atEnd) return false;
      const newline = text.indexOf('\n', following);
      reader.start = following;
      reader.end = newline === -1 ? text.length : newline;
      following = reader.end + 1;
      atEnd = newline === -1;
      if (reader.end > reader.start && text.charCodeAt(reader.end - 1) === 13) reader.end--;
      return true;
    },
  };
  return reader;
}
