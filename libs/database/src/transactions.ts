import { AsyncLocalStorage } from 'node:async_hooks';
import { LOGGER, Logger } from '@bascule/platform';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

type Hook = () => void | Promise<void>;

interface Ambient {
  readonly manager: EntityManager;
  readonly hooks: Hook[];
  isOpen: boolean;
}

const storage = new AsyncLocalStorage<Ambient>();

function ambient(): Ambient | undefined {
  const store = storage.getStore();
  return store?.isOpen ? store : undefined;
}

/** Runs work in one transaction; everything called from inside joins it without being handed a manager. */
@Injectable()
export class Transactions {
  constructor(
    private readonly dataSource: DataSource,
    @Optional() @Inject(LOGGER) private readonly logger?: Logger,
  ) {}

  /** The manager of the transaction this call runs in, if there is one. */
  static current(): EntityManager | undefined {
    return ambient()?.manager;
  }

  /** Does `hook` once the outermost transaction has committed; at once when there is none. A rollback drops it. */
  static afterCommit(hook: Hook): void {
    const store = ambient();
    if (store) store.hooks.push(hook);
    else void hook();
  }

  current(): EntityManager | undefined {
    return Transactions.current();
  }

  afterCommit(hook: Hook): void {
    Transactions.afterCommit(hook);
  }

  /** For reads: the manager of the running transaction, or one that commits each statement. */
  get manager(): EntityManager {
    return Transactions.current() ?? this.dataSource.manager;
  }

  /** Commits when `work` resolves, rolls back when it rejects; joins the transaction that is already running. */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const outer = ambient();
    if (outer) return work(outer.manager);
    const hooks: Hook[] = [];
    const result = await this.dataSource.transaction(async (manager) => {
      const store: Ambient = { manager, hooks, isOpen: true };
      try {
        return await storage.run(store, () => work(manager));
      } finally {
        // work somebody forgot to await must not write through a connection that is back in the pool
        store.isOpen = false;
      }
    });
    for (const hook of hooks) await this.follow(hook);
    return result;
  }

  // the transaction has committed: told of a failure, the caller would do it again
  private async follow(hook: Hook): Promise<void> {
    try {
      await storage.exit(async () => hook());
    } catch (error) {
      this.logger?.error({ err: error }, 'what follows a commit failed');
    }
  }

  /** Runs work in a transaction of its own, which commits whatever becomes of the surrounding one. */
  async runDetached<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return storage.exit(() => this.run(work));
  }
}
