import { type LoadTestRequested, loadTestRequested } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { LoadTests } from './load-tests.service.js';

@Injectable()
export class LoadTestRequestedConsumer {
  constructor(private readonly tests: LoadTests) {}

  @Consume(loadTestRequested, { name: { setting: 'SERVING_ENVIRONMENT' } })
  async beginTest({ data }: LoadTestRequested): Promise<void> {
    this.tests.begin(data);
  }
}
