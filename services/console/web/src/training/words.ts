/** A number short enough for a table. */
export function figure(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? value.toLocaleString('en-GB') : String(Number(value.toPrecision(4)));
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 12)}…` : text;
}

/** Time between two instants; up to now when there is no second one. */
export function lasted(from: string | null, to: string | null, now = Date.now()): string {
  if (from === null) return '';
  const seconds = Math.max(0, ((to === null ? now : Date.parse(to)) - Date.parse(from)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export const statusTone: Readonly<Record<string, string>> = {
  succeeded: 'tag good',
  failed: 'tag bad',
  cancelled: 'tag',
  better: 'tag good',
  worse: 'tag bad',
};
