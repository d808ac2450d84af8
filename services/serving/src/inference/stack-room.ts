const maxSpares = 4;
const leastBytes = 16_384;
const mostBytes = 4_194_304;
const spares: ArrayBuffer[] = [];

/**
 * Storage of `bytes` bytes with whatever is in it; undefined where it is not worth keeping. Used again and again: fresh memory
 * outside the heap makes the collector run all the time.
 */
export function takeRoom(bytes: number): ArrayBuffer | undefined {
  if (bytes < leastBytes || bytes > mostBytes) return undefined;
  const position = spares.findIndex(({ byteLength }) => byteLength >= bytes);
  if (position >= 0) return spares.splice(position, 1)[0];
  // powers of two, so that sizes which differ a little share
  return new ArrayBuffer(2 ** Math.ceil(Math.log2(bytes)));
}

/** Gives back storage that nobody reads any more. */
export function giveBack(room: ArrayBuffer): void {
  if (spares.length === maxSpares) spares.shift();
  spares.push(room);
}
