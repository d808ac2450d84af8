import { ApiHeader, Logger } from '@bascule/platform';
import { applyDecorators, Global, Module, type OnApplicationBootstrap, type OnModuleDestroy, UseInterceptors } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { Transactions } from './transactions.js';

const hourMs = 3_600_000;

/** Marks a creating POST: with an `Idempotency-Key` header a repeat within 24 hours gets the first answer and does nothing. */
export function Idempotent(): MethodDecorator {
  return applyDecorators(UseInterceptors(IdempotencyInterceptor), IdempotencyKeyHeader());
}

/** Says in the description of the API that the operation reads `Idempotency-Key`. */
export function IdempotencyKeyHeader(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    description:
      'Names the request, 1 to 200 printable ASCII characters: a repeat within 24 hours does nothing again and gets the first answer.',
  });
}

/** Removes answers older than a day. */
@Global()
@Module({ providers: [IdempotencyInterceptor], exports: [IdempotencyInterceptor] })
export class IdempotencyModule implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transactions: Transactions,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.removeExpired(), hourMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async removeExpired(): Promise<void> {
    try {
      await this.transactions.manager.query("delete from idempotency_keys where created_at < now() - interval '24 hours'");
    } catch (error) {
      this.log.warn({ err: error }, 'expired idempotency keys were not removed');
    }
  }
}
