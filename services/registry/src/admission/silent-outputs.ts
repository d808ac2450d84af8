/** Outputs, by name, that held nothing but NaN in the answer to one sample. */
export type SilentOutputs = readonly string[];

/** True for numbers of which none is one; halves come as 16-bit words. */
export function isOnlyNaN(type: string, data: ArrayLike<unknown>): boolean {
  if (data.length === 0) return false;
  const cells = Array.from(data);
  if (type === 'float16') return cells.every((cell) => (Number(cell) & 0x7fff) > 0x7c00);
  return (type === 'float32' || type === 'float64') && cells.every((cell) => Number.isNaN(cell));
}

/**
 * What outputs say about a model that are NaN in the answers to every sample. Rows that the sender gave are rows the model
 * has to know, and nothing can be served that answers them with NaN; rows that were made up may lie outside what it knows.
 * @param areGiven true when the sender gave the samples
 */
export function silentVerdict(answers: readonly SilentOutputs[], areGiven: boolean): { faults: string[]; cautions: string[] } {
  const [first = []] = answers;
  const always = first.filter((name) => answers.every((silent) => silent.includes(name)));
  const told = always.map(
    (name) => `output ${JSON.stringify(name)} is NaN in every answer to ${areGiven ? 'the samples' : 'made-up rows'}`,
  );
  if (areGiven) return { faults: told, cautions: [] };
  return { faults: [], cautions: told.map((what) => `${what}: give samples of real rows, and look at what it answers`) };
}
