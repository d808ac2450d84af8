import { EventEmitter } from 'node:events';
import type { DataSource, QueryRunner } from 'typeorm';

interface NotifyingClient extends EventEmitter {
  query(sql: string): Promise<unknown>;
}

/** A database session that holds the relay's advisory lock and hears of new events. The lock is gone when the session is. */
export class LeaderSession {
  private broken: Error | undefined;

  private constructor(
    private readonly runner: QueryRunner,
    private readonly client: NotifyingClient,
    private readonly onWake: () => void,
  ) {}

  /**
   * Undefined when another replica leads.
   * @param silenceMs after which PostgreSQL ends the session: a machine that lost its power closes no connection, and
   *   the lock would outlive it by hours
   */
  static async tryAcquire(dataSource: DataSource, onWake: () => void, silenceMs: number): Promise<LeaderSession | undefined> {
    const runner = dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as NotifyingClient;
      const session = new LeaderSession(runner, client, onWake);
      client.on('error', session.onLost);
      client.on('end', session.onLost);
      if (await session.lock(silenceMs)) return session;
      await session.release();
      return undefined;
    } catch (error) {
      await runner.release().catch(() => {});
      throw error;
    }
  }

  /** @throws when the session, and with it the lock, is lost */
  readonly query = async (sql: string, parameters?: unknown[]): Promise<unknown[]> => {
    if (this.broken) throw this.broken;
    const { records } = await this.runner.query(sql, parameters, true);
    return records as unknown[];
  };

  async release(): Promise<void> {
    this.client.off('notification', this.onWake);
    this.client.off('error', this.onLost);
    this.client.off('end', this.onLost);
    if (!this.broken) await this.client.query('unlisten *; reset idle_session_timeout; select pg_advisory_unlock_all()').catch(() => {});
    await this.runner.release().catch(() => {});
  }

  private async lock(silenceMs: number): Promise<boolean> {
    const [row] = (await this.query(
      `select pg_try_advisory_lock(hashtextextended('outbox-relay-' || current_schema(), 0)) as locked, 'outbox_' || current_schema() as channel`,
    )) as { locked: boolean; channel: string }[];
    if (!row?.locked) return false;
    this.client.on('notification', this.onWake);
    await this.client.query(`set idle_session_timeout = ${silenceMs}; listen "${row.channel}"`);
    return true;
  }

  private readonly onLost = (error?: Error): void => {
    this.broken ??= error ?? new Error('Connection terminated');
    this.onWake();
  };
}
