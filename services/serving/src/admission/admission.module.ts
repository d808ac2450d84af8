import { Module } from '@nestjs/common';
import { AdmissionService } from './admission.service.js';
import { UsageExchangeJob } from './usage-exchange.job.js';

@Module({ providers: [AdmissionService, UsageExchangeJob], exports: [AdmissionService] })
export class AdmissionModule {}
