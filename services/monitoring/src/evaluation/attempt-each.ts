/**
 * Works on each item; one that fails holds up no other.
 * @throws what failed, once every item has had its turn
 */
export async function attemptEach<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} failed, the first: ${messageOf(failures[0])}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
