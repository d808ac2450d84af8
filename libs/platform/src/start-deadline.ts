/**
 * The result of one step of a start. A start that hangs would never be ready, and nobody would start the process again.
 * @throws when it takes longer than so many ms, with the name of the step
 */
export async function inTime<T>(step: string, ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${step} did not end within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
