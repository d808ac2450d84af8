import {
  appendFileSync,
  closeSync,
  existsSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { CONFIG } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import { type Found, readRecords } from './write-ahead.js';

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Absent in files of earlier gateways. */
  readonly gatewayId?: string;
  /** When the process started, as the system counts: tells a reused pid from its former owner. */
  readonly startedAt: string;
}

const ownerFile = 'owner.json';
const silentMs = 30_000;
/** Of a process that lives, where the system does not tell when it started. */
const unknownStart = 'alive';

/** One append-only file of a producer. */
export interface Segment {
  readonly path: string;
  readonly producer: string;
  /** Of the first block in it; also its name. */
  readonly firstSequence: number;
  sizeBytes: number;
}

/** What an ended process left behind. */
export interface LeftOver {
  readonly producer: string;
  /** Undefined when nothing tells. */
  readonly gatewayId: string | undefined;
  /** Where it lies now that it is taken over. */
  readonly folder: string;
  readonly segments: readonly Segment[];
}

/** The folder of write-ahead files: `<producer>/<first sequence>.wal`, and who writes there. */
@Injectable()
export class SpillStore {
  private readonly root: string;
  private readonly gatewayId: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.root = config.SPILL_DIR;
    this.gatewayId = config.INSTANCE_ID;
  }

  /** Makes the folder of a new producer. */
  claim(producer: string): void {
    mkdirSync(join(this.root, producer), { recursive: true });
    this.own(join(this.root, producer), this.gatewayId);
  }

  /**
   * Tells others that the folder has a living owner.
   * @returns false when the folder is gone: somebody took it over
   */
  beat(folder: string): boolean {
    const now = new Date();
    try {
      utimesSync(join(this.root, folder, ownerFile), now, now);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return false;
    }
  }

  open(producer: string, firstSequence: number): { segment: Segment; descriptor: number } {
    const path = join(this.root, producer, `${String(firstSequence).padStart(10, '0')}.wal`);
    return { segment: { path, producer, firstSequence, sizeBytes: 0 }, descriptor: openSync(path, 'a') };
  }

  /** Cuts off what was torn, then appends. */
  appendTo(segment: Segment, validBytes: number, bytes: Uint8Array): void {
    truncateSync(segment.path, validBytes);
    appendFileSync(segment.path, bytes);
    segment.sizeBytes = validBytes + bytes.length;
  }

  append(descriptor: number, bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
  }

  /** Takes back what a failed write left behind. */
  cutBack(descriptor: number, sizeBytes: number): void {
    ftruncateSync(descriptor, sizeBytes);
  }

  /** Resolves when everything written so far is on the disk, not only with the system. */
  sync(descriptor: number): Promise<void> {
    return new Promise((resolve, reject) => fdatasync(descriptor, (error) => (error ? reject(error) : resolve())));
  }

  /** Puts the names of a producer's files on the disk: a file that nothing names is lost with the power. */
  async syncNames(producer: string): Promise<void> {
    for (const path of [join(this.root, producer), this.root]) {
      const folder = await open(path, 'r');
      await folder.sync().finally(() => folder.close());
    }
  }

  close(descriptor: number): void {
    closeSync(descriptor);
  }

  async read(path: string): Promise<Found> {
    return readRecords(await readFile(path));
  }

  remove(path: string): void {
    rmSync(path, { force: true });
  }

  removeProducer(producer: string): void {
    rmSync(join(this.root, producer), { recursive: true, force: true });
  }

  /** Takes over the folders of processes that ended; each folder goes to one taker. */
  adoptLeftOvers(self: string): LeftOver[] {
    if (!existsSync(this.root)) return [];
    const abandoned = readdirSync(this.root).filter(
      (name) => name !== self && !name.startsWith('.') && !name.endsWith(`~${self}`) && this.isAbandoned(join(this.root, name)),
    );
    return abandoned.flatMap((name) => {
      const producer = name.split('~')[0] as string;
      const folder = `${producer}~${self}`;
      try {
        renameSync(join(this.root, name), join(this.root, folder));
      } catch {
        return []; // somebody else was faster
      }
      const path = join(this.root, folder);
      const gatewayId = ownerOf(path)?.gatewayId;
      this.own(path, gatewayId);
      const files = readdirSync(path)
        .filter((file) => file.endsWith('.wal'))
        .sort();
      const segments = files.map((file) => ({
        path: join(path, file),
        producer,
        firstSequence: Number(basename(file, '.wal')),
        sizeBytes: statSync(join(path, file)).size,
      }));
      return [{ producer, gatewayId, folder, segments }];
    });
  }

  /** @param gatewayId the gateway that wrote the files, not the one that looks after them */
  private own(path: string, gatewayId: string | undefined): void {
    const owner: Owner = {
      pid: process.pid,
      host: hostname(),
      startedAt: startOf(process.pid),
      ...(gatewayId === undefined ? {} : { gatewayId }),
    };
    writeFileSync(join(path, ownerFile), JSON.stringify(owner));
  }

  private isAbandoned(path: string): boolean {
    const file = join(path, ownerFile);
    try {
      const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
      if (owner.host === hostname()) {
        const startedAt = startOf(owner.pid);
        if (startedAt !== owner.startedAt) return true;
        // a process that was held up, as by a computer that slept, still has its files
        if (startedAt !== unknownStart) return false;
      }
      return Date.now() - statSync(file).mtimeMs > silentMs;
    } catch {
      return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true && Date.now() - statSync(path).mtimeMs > silentMs;
    }
  }
}

function ownerOf(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(path, ownerFile), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function startOf(pid: number): string {
  try {
    // field 22 of the line behind the name, which may hold spaces
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return isAlive(pid) ? unknownStart : 'ended';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
