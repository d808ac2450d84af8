import { workSubject } from '@bascule/contracts';
import { apiErrorCode, jobsStream, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { batchPiece } from '../batch-pieces/batch-piece.js';

/** Another one was quicker: acknowledged or removed meanwhile. */
const messageNotFound = 10057;

/**
 * The messages of pieces in the stream of work. They are removed one by one, never by a purge of their subject: servers before 2.9.12
 * then let the consumer skip what waits of all other jobs too, which stays in the stream for ever and is never delivered.
 */
@Injectable()
export class QueuedPieces {
  constructor(@Inject(NATS) private readonly connection: NatsConnectionHolder) {}

  /** Messages of a job that a gateway has or will get; undefined when nobody can tell. */
  async count(jobId: string): Promise<number | undefined> {
    if (!this.connection.isConnected) return undefined;
    const subject = workSubject(batchPiece, jobId);
    return this.connection.whileConnected(async () => {
      const { state } = await this.connection.jsm.streams.info(jobsStream, { subjects_filter: subject });
      const queued = state.subjects?.[subject] ?? 0;
      return queued === 0 ? 0 : queued - (await this.remove(jobId, await this.settledTo()));
    });
  }

  /** Removes what waits of a job. */
  async removeAll(jobId: string): Promise<void> {
    await this.connection.whileConnected(() => this.remove(jobId, Number.POSITIVE_INFINITY));
  }

  /** Removes the messages of a job up to this place of the stream, and tells how many there were. */
  private async remove(jobId: string, last: number): Promise<number> {
    const { streams } = this.connection.jsm;
    const subject = workSubject(batchPiece, jobId);
    let removed = 0;
    for (let from = 1; from <= last; removed++) {
      // the client knows the field, its type of requests does not
      const next = { seq: from, next_by_subj: subject };
      const message = await streams.getMessage(jobsStream, next);
      if (!message || message.seq > last) break;
      from = message.seq + 1;
      try {
        await streams.deleteMessage(jobsStream, message.seq, false);
      } catch (error) {
        if (apiErrorCode(error) !== messageNotFound) throw error;
      }
    }
    return removed;
  }

  /** Up to here gateways are done with everything: what is still there was skipped by the server, and comes to nobody. */
  private async settledTo(): Promise<number> {
    const all = workSubject(batchPiece, '>');
    for await (const { config, ack_floor: floor } of this.connection.jsm.consumers.list(jobsStream)) {
      if (config.filter_subject === all) return floor.stream_seq;
    }
    return 0;
  }
}
