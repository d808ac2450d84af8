import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './child-process.js';
import { isPortFree, refusedPorts } from './ports.js';

const lastPort = 65_000;

/**
 * Hands out ports in rising order. Between the moment a port is found free and the moment a service binds it, another
 * start on this machine could take it: a file per port, readable by all, says whose it is.
 */
export class PortReservations {
  private readonly taken: string[] = [];

  constructor(
    private next: number,
    private readonly folder = join(tmpdir(), 'bascule-ports'),
  ) {
    mkdirSync(folder, { recursive: true });
    try {
      chmodSync(folder, 0o1777);
    } catch {
      // made by another user, who has done this already
    }
  }

  /** The next port that is free and reserved by nobody. */
  async take(): Promise<number> {
    while (this.next <= lastPort) {
      const port = this.next++;
      // a service there would never be seen to be ready
      if (refusedPorts.has(port) || !this.reserve(port)) continue;
      if (await isPortFree(port)) return port;
    }
    throw new Error('no free port was found; name another first port with --port');
  }

  /** Gives all ports back. */
  release(): void {
    for (const file of this.taken.splice(0)) {
      try {
        unlinkSync(file);
      } catch {
        // gone already
      }
    }
  }

  private reserve(port: number): boolean {
    const file = join(this.folder, String(port));
    const draft = join(this.folder, `${port}.${process.pid}`);
    try {
      const owner = readOwner(file);
      if (owner !== undefined && owner !== process.pid && isAlive(owner)) return false;
      if (owner !== undefined) unlinkSync(file);
      writeFileSync(draft, String(process.pid), { mode: 0o644 });
      linkSync(draft, file);
      this.taken.push(file);
      return true;
    } catch {
      return false; // a start beside this one, or another user's leftover that only that user may remove
    } finally {
      try {
        unlinkSync(draft);
      } catch {
        // was not written
      }
    }
  }
}

function readOwner(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
