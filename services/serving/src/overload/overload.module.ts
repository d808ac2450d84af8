import { Module } from '@nestjs/common';
import { OverloadGuard } from './overload-guard.service.js';

@Module({ providers: [OverloadGuard], exports: [OverloadGuard] })
export class OverloadModule {}
