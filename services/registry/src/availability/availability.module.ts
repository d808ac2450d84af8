import { Module } from '@nestjs/common';
import { AvailabilityController } from './availability.controller.js';
import { AvailabilityService } from './availability.service.js';
import { AvailabilityMeasuredConsumer } from './availability-measured.consumer.js';

@Module({
  controllers: [AvailabilityController],
  providers: [AvailabilityService, AvailabilityMeasuredConsumer],
  exports: [AvailabilityService],
})
export class AvailabilityModule {}
