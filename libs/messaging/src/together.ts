/** Gathers what arrives while others are worked on, and works on it together. */
export class Together<Item> {
  private waiting: { readonly item: Item; readonly done: () => void }[] = [];
  private isWorking = false;

  /** @param work never throws */
  constructor(
    private readonly atMost: number,
    private readonly work: (items: readonly Item[]) => Promise<void>,
  ) {}

  /** Resolves when the item was worked on. */
  add(item: Item): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ item, done });
      if (!this.isWorking) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isWorking = true;
    while (this.waiting.length > 0) {
      // what has arrived already is read in this turn of the loop
      await new Promise(setImmediate);
      const taken = this.waiting.splice(0, this.atMost);
      await this.work(taken.map(({ item }) => item));
      for (const { done } of taken) done();
    }
    this.isWorking = false;
  }
}
