/** True when a file name fits a pattern in which * stands for any characters. Files whose name begins with a dot never do. */
export function isNamedBy(pattern: string, name: string): boolean {
  if (name.startsWith('.')) return false;
  const [first = '', ...rest] = pattern.split('*');
  if (!name.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return name === first;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
