/** What is shared out evenly, so that a gateway can admit the first requests of a key before it has told of them. */
const evenPart = 0.1;

/** How much one gateway was asked by a key lately, and all the others together, in requests per second. */
export interface Demand {
  readonly own: number;
  readonly others: number;
}

/**
 * Part of a key's limit that one of `gateways` may give out, from 0 to 1: nine tenths go where its requests arrive, one tenth
 * evenly. The parts of all gateways that know the same demand add up to one.
 */
export function fairShare(gateways: number, { own, others }: Demand): number {
  if (gateways <= 1) return 1;
  const total = own + others;
  if (total <= 0) return 1 / gateways;
  return evenPart / gateways + (1 - evenPart) * (own / total);
}
