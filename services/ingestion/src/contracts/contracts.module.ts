import { Module } from '@nestjs/common';
import { ContractBodies } from './contract-bodies.js';
import { ContractsController } from './contracts.controller.js';
import { ContractsService } from './contracts.service.js';

@Module({ controllers: [ContractsController], providers: [ContractsService, ContractBodies], exports: [ContractsService] })
export class ContractsModule {}
