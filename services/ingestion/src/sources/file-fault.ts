import { Readable } from 'node:stream';

/** One file that cannot be read, while the place it lies in can. */
export class FileFault extends Error {}

/** A file that is gone or another one than was listed: the next look finds what is there. */
export class ChangedFile extends Error {}

/** Content whose reading breaks off by its own fault, not by that of who keeps it. */
export function withOwnFaults(content: Readable): Readable {
  return Readable.from(
    (async function* () {
      try {
        yield* content;
      } catch (error) {
        throw new FileFault(`reading broke off: ${(error as Error).message}`);
      }
    })(),
  );
}
