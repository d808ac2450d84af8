/** Decides whether waiting rows become a batch now: enough of them, or the oldest has waited long enough. */
export function isDue(
  waiting: { count: number; oldestSeconds: number },
  limits: { publishAfterRows: number; publishAfterSeconds: number },
): boolean {
  if (waiting.count === 0) return false;
  return waiting.count >= limits.publishAfterRows || waiting.oldestSeconds >= limits.publishAfterSeconds;
}
