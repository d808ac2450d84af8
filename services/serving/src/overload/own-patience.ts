const tailBytes = 512;
const name = '"parameters"';
const separators = new Set([',', '{', ' ', '\n', '\r', '\t']);

/**
 * The parameter `timeout`, in milliseconds, of an inference in JSON whose `parameters` stand near its end, where most programs
 * put them; undefined where they do not, or have none. What stands before is not read.
 */
export function timeoutAtEnd(body: Buffer): number | undefined {
  const tail = body.toString('latin1', Math.max(0, body.length - tailBytes));
  const at = tail.lastIndexOf(name);
  // behind a backslash it would be the end of another name
  if (at < 1 || !separators.has(tail[at - 1] as string)) return undefined;
  let timeout: unknown;
  try {
    // with the name first it is an object only where it stands in the outermost one: each bracket behind it has its partner
    const { parameters } = JSON.parse(`{${tail.slice(at)}`) as { parameters: { timeout?: unknown } | null };
    timeout = parameters?.timeout;
  } catch {
    return undefined;
  }
  return typeof timeout === 'number' && Number.isInteger(timeout) && timeout > 0 ? timeout / 1000 : undefined;
}
