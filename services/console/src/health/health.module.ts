import { Module } from '@nestjs/common';
import { ForwardModule } from '../forward/forward.module.js';
import { SessionModule } from '../session/session.module.js';
import { ServicesHealthController } from './services-health.controller.js';

@Module({ imports: [ForwardModule, SessionModule], controllers: [ServicesHealthController] })
export class HealthModule {}
