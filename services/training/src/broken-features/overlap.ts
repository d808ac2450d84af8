/** A half-open window of time. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** True when the windows share at least a moment. */
export function overlaps(a: Window, b: Window): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Joins windows that touch or overlap; earliest first. */
export function mergeWindows(windows: readonly Window[]): Window[] {
  const merged: Window[] = [];
  for (const window of [...windows].sort((a, b) => a.from.getTime() - b.from.getTime())) {
    const last = merged.at(-1);
    if (last && window.from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: new Date(Math.max(window.to.getTime(), last.to.getTime())) };
    else merged.push(window);
  }
  return merged;
}
