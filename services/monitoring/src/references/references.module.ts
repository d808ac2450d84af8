import { Module } from '@nestjs/common';
import { AliasMovedConsumer } from './alias-moved.consumer.js';
import { ReferencesService } from './references.service.js';
import { VersionRegisteredConsumer } from './version-registered.consumer.js';

@Module({ providers: [ReferencesService, VersionRegisteredConsumer, AliasMovedConsumer], exports: [ReferencesService] })
export class ReferencesModule {}
