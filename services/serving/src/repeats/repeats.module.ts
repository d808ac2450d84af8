import { Module } from '@nestjs/common';
import { ClaimsService } from './claims.service.js';
import { RepeatsService } from './repeats.service.js';
import { RepeatsStore } from './repeats.store.js';

@Module({ providers: [RepeatsStore, ClaimsService, RepeatsService], exports: [RepeatsService] })
export class RepeatsModule {}
