/** What became of one row: an answer of the stream, or why there is none. */
export type SendResult<Row, Ack> = { readonly row: Row; readonly ack: Ack } | { readonly row: Row; readonly error: unknown };

export interface Sendable {
  readonly entity: string;
  readonly stream: string;
}

/** How far a failure reaches: this entity, every entity of the stream, or everything. */
export type FailureReach = 'entity' | 'stream' | 'connection';

/**
 * Sends rows in their order without waiting for each answer, except where two rows tell about one entity:
 * the second leaves only after the first is stored, so a failure in between cannot turn them around.
 */
export async function sendInOrder<Row extends Sendable, Ack>(
  rows: readonly Row[],
  send: (row: Row) => Promise<Ack>,
  reachOf: (error: unknown) => FailureReach,
): Promise<SendResult<Row, Ack>[]> {
  const inFlight = new Map<string, Promise<void>>();
  const stopped = new Set<string>();
  const results: SendResult<Row, Ack>[] = [];
  const settle = async (row: Row): Promise<void> => {
    try {
      results.push({ row, ack: await send(row) });
    } catch (error) {
      results.push({ row, error });
      const reach = reachOf(error);
      stopped.add(reach === 'connection' ? 'connection' : `${reach}:${row[reach]}`);
    }
  };
  for (const row of rows) {
    await inFlight.get(row.entity);
    if (stopped.has('connection')) break;
    if (stopped.has(`stream:${row.stream}`) || stopped.has(`entity:${row.entity}`)) continue;
    inFlight.set(row.entity, settle(row));
  }
  await Promise.all(inFlight.values());
  return results;
}
