const leastBytes = 16_384;
const mostBytes = 4_194_304;
const maxSpareBytes = 4 * mostBytes;
const spares: ArrayBuffer[] = [];
const lent = new WeakSet<ArrayBufferLike>();
let spareBytes = 0;

/**
 * Storage of `bytes` bytes or more with whatever is in it; undefined where it is not worth keeping. Used again and again: fresh
 * memory outside the heap makes the collector run all the time.
 */
export function takeRoom(bytes: number): ArrayBuffer | undefined {
  if (bytes < leastBytes || bytes > mostBytes) return undefined;
  const position = spares.findIndex(({ byteLength }) => byteLength >= bytes);
  const [spare] = position < 0 ? [] : spares.splice(position, 1);
  spareBytes -= spare?.byteLength ?? 0;
  const room = spare ?? new ArrayBuffer(roomBytes(bytes));
  lent.add(room);
  return room;
}

/** Gives back storage that nobody reads any more; what `takeRoom` has not given out is left alone. */
export function giveBack(room: ArrayBufferLike): void {
  if (!lent.delete(room)) return;
  spares.push(room as ArrayBuffer);
  spareBytes += room.byteLength;
  // the oldest go: what is asked for now is kept
  while (spareBytes > maxSpareBytes) spareBytes -= spares.shift()?.byteLength ?? 0;
}

// a quarter of a power of two more at most, so that sizes which differ a little share
function roomBytes(bytes: number): number {
  const step = 2 ** Math.max(12, Math.ceil(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}
