import { Module } from '@nestjs/common';
import { SessionModule } from '../session/session.module.js';
import { LiveController } from './live.controller.js';
import { LiveService } from './live.service.js';

@Module({ imports: [SessionModule], controllers: [LiveController], providers: [LiveService] })
export class LiveModule {}
