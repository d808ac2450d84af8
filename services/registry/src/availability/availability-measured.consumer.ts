import { type AvailabilityMeasured, availabilityMeasured } from '@bascule/contracts';
import { Consume } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { AvailabilityService } from './availability.service.js';

@Injectable()
export class AvailabilityMeasuredConsumer {
  constructor(private readonly availability: AvailabilityService) {}

  @Consume(availabilityMeasured)
  async noteCounts({ data }: AvailabilityMeasured): Promise<void> {
    await this.availability.note(data);
  }
}
