import { Module } from '@nestjs/common';
import { AliasMovedConsumer } from './alias-moved.consumer.js';
import { ChampionsService } from './champions.service.js';

@Module({ providers: [ChampionsService, AliasMovedConsumer], exports: [ChampionsService] })
export class ChampionsModule {}
