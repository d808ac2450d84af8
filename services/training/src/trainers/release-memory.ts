/** Fewer rows leave nothing behind that is worth a pause. */
const minRows = 100_000;

/**
 * Gives memory back that nothing refers to any more, before the next part of a run takes its own. Of columns and files the engine only
 * knows the small objects in front of them, and may keep them while a process grows to twice what it needs. Does nothing without `--expose-gc`.
 */
export function releaseMemory(rowCount: number): void {
  if (rowCount >= minRows) globalThis.gc?.();
}
