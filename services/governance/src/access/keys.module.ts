import { Module } from '@nestjs/common';
import { AccessProjectionJob } from './access-projection.job.js';
import { AccessProjectionService } from './access-projection.service.js';
import { KeysController } from './keys.controller.js';
import { KeysService } from './keys.service.js';

@Module({ controllers: [KeysController], providers: [KeysService, AccessProjectionService, AccessProjectionJob] })
export class KeysModule {}
