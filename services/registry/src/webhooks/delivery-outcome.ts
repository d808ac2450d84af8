/** How one try of a delivery ended. */
export type TryEnd = { readonly status: number } | { readonly error: string };

export type DeliveryOutcome =
  | { readonly outcome: 'delivered'; readonly answer: string }
  | { readonly outcome: 'again'; readonly answer: string; readonly afterMs: number }
  /** Given up; `isGone`: the address says that it wants nothing any more. */
  | { readonly outcome: 'given-up'; readonly answer: string; readonly isGone: boolean };

/**
 * What follows from a try: any 2xx is a delivery, 410 ends it for good, everything else is tried again as long as there
 * are delays left.
 * @param attempts tries so far, this one included
 * @param spread from 0 to 1: many messages that failed together do not come again together
 */
export function settleTry(end: TryEnd, attempts: number, delaysMs: readonly number[], spread: number): DeliveryOutcome {
  const answer = 'status' in end ? String(end.status) : end.error;
  if ('status' in end && end.status >= 200 && end.status < 300) return { outcome: 'delivered', answer };
  if ('status' in end && end.status === 410) return { outcome: 'given-up', answer, isGone: true };
  const delayMs = delaysMs[attempts - 1];
  if (delayMs === undefined) return { outcome: 'given-up', answer, isGone: false };
  return { outcome: 'again', answer, afterMs: Math.round(delayMs * (0.8 + 0.4 * spread)) };
}
