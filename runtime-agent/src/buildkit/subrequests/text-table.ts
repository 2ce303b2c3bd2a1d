/** Rows as columns of text, as Go's tabwriter sets them: every cell is as wide as its column's widest, and `gap` more. */
export function textTable(rows: readonly (readonly string[])[], gap: number): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)) + gap);
  return rows
    .map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('')}\n`)
    .join('');
}
