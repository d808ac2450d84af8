import { setTimeout as wait } from 'node:timers/promises';

export interface Answer {
  readonly at: number;
  readonly status: number;
  readonly version: string;
}

/** Clients that ask at a constant pace and remember every answer. */
export class Load {
  readonly answers: Answer[] = [];
  /** Requests that no answer came to. */
  unanswered = 0;
  sent = 0;
  private isStopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  start(lanes: number, pauseMs: number): void {
    this.running = Promise.all(Array.from({ length: lanes }, () => this.lane(pauseMs)));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  /** Resolves with the first answer that is as wanted and came after a moment. */
  async next(isWanted: (answer: Answer) => boolean, after: number, timeoutMs = 30_000): Promise<Answer> {
    const giveUpAt = performance.now() + timeoutMs;
    let position = this.answers.findIndex(({ at }) => at >= after);
    if (position < 0) position = this.answers.length;
    while (performance.now() < giveUpAt) {
      for (; position < this.answers.length; position++) {
        const answer = this.answers[position]!;
        if (isWanted(answer)) return answer;
      }
      await wait(2);
    }
    throw new Error(`no such answer within ${timeoutMs} ms: ${isWanted.toString()}`);
  }

  private async lane(pauseMs: number): Promise<void> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ inputs: [{ name: 'n', shape: [1], datatype: 'INT64', data: [1] }] });
    while (!this.isStopped) {
      this.sent++;
      try {
        const response = await fetch(this.url, { method: 'POST', headers, body });
        await response.arrayBuffer();
        const version = response.headers.get('x-bascule-model-version') ?? '';
        this.answers.push({ at: performance.now(), status: response.status, version });
      } catch {
        this.unanswered++;
      }
      await wait(pauseMs);
    }
  }
}
