/**
 * A decoder of configuration that remembers the last text: one file may speak for thousands of others.
 * What it gives is shared, so nobody may change it.
 */
export function decodedOnce<T>(decode: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: decode(text) };
    return last.value;
  };
}
