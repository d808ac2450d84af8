import { Module } from '@nestjs/common';
import { RetainedPublisher } from './retained-publisher.service.js';

@Module({ providers: [RetainedPublisher], exports: [RetainedPublisher] })
export class PublishingModule {}
