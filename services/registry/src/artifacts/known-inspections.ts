/** Keeps what looking at something found, for the last so many things, until the thing changes. Who asks at once waits for one look. */
export class KnownInspections<Found> {
  private readonly known = new Map<string, Promise<Found>>();

  constructor(private readonly most: number) {}

  /** @param key names the thing and changes with it */
  find(key: string, look: () => Promise<Found>): Promise<Found> {
    const known = this.known.get(key) ?? look();
    // what was asked for last is forgotten last
    this.known.delete(key);
    this.known.set(key, known);
    known.catch(() => {
      if (this.known.get(key) === known) this.known.delete(key);
    });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.most) break;
      this.known.delete(oldest);
    }
    return known;
  }
}
