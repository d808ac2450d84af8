import { buckets, type FreezeState, freezeKey, freezeState } from '@bascule/contracts';
import { KvWatch, NATS, type NatsConnectionHolder } from '@bascule/messaging';
import { HealthRegistry } from '@bascule/platform';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

/** The switch a person uses to stop retraining, promotion and rollout; known here within a second. */
@Injectable()
export class FreezeSwitch implements OnModuleInit, OnApplicationShutdown {
  private readonly watch: KvWatch<FreezeState>;

  constructor(
    @Inject(NATS) connection: NatsConnectionHolder,
    private readonly health: HealthRegistry,
  ) {
    this.watch = new KvWatch(connection, buckets.control, freezeState);
  }

  async onModuleInit(): Promise<void> {
    this.health.register('freeze-switch', async () => ({
      ok: true,
      // anybody may ask for health; who froze it and why is for those with a key
      detail: this.isFrozen() ? 'frozen' : 'not frozen',
    }));
    await this.watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }

  isFrozen(): boolean {
    return this.state()?.frozen ?? false;
  }

  /** Who froze or unfroze it last, when and why; undefined when it was never used. */
  state(): FreezeState | undefined {
    return this.watch.get(freezeKey);
  }

  /** Calls `listener` after every change of the switch. */
  onChange(listener: () => void): void {
    this.watch.onChange(() => listener());
  }
}
