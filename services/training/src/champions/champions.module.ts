import { Module } from '@nestjs/common';
import { AliasMovedConsumer } from './alias-moved.consumer.js';
import { ChampionsService } from './champions.service.js';
import { VersionRegisteredConsumer } from './version-registered.consumer.js';

@Module({ providers: [ChampionsService, AliasMovedConsumer, VersionRegisteredConsumer], exports: [ChampionsService] })
export class ChampionsModule {}
