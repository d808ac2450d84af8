/** What placement needs to know of a process that runs models. */
export interface Occupied {
  readonly models: number;
  /** It is being emptied, or one of its models has held it up: nobody moves in. */
  readonly isClosed: boolean;
}

/**
 * Where the next model goes: a process of its own while there may be more of them, since a model that hangs, crashes or leaks
 * then harms nobody else; beyond that, in with the fewest.
 * @returns the position of the process, undefined for a new one
 */
export function placeModel(processes: readonly Occupied[], maxProcesses: number): number | undefined {
  if (processes.length < maxProcesses) return undefined;
  let best: number | undefined;
  for (const [position, { models, isClosed }] of processes.entries()) {
    if (!isClosed && (best === undefined || models < (processes[best]?.models ?? 0))) best = position;
  }
  return best;
}

/** What tells a process that has grown old. */
export interface Age {
  readonly unloads: number;
  readonly bytes: number;
  /** After its models were loaded. */
  readonly bytesAtFirst: number;
}

const maxUnloads = 16;

/** True when a process is to be replaced: the runtime keeps some memory of each model it lets go. */
export function isWornOut({ unloads, bytes, bytesAtFirst }: Age, maxBytes: number): boolean {
  return unloads >= maxUnloads || (bytesAtFirst > 0 && bytes > 0.8 * maxBytes && bytes > 2 * bytesAtFirst);
}
