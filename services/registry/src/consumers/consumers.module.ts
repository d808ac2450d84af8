import { Module } from '@nestjs/common';
import { ConsumersService } from './consumers.service.js';
import { PredictionLoggedConsumer } from './prediction-logged.consumer.js';

@Module({ providers: [ConsumersService, PredictionLoggedConsumer], exports: [ConsumersService] })
export class ConsumersModule {}
