import { Module } from '@nestjs/common';
import { SessionModule } from '../session/session.module.js';
import { ForwardController } from './forward.controller.js';
import { ForwardService } from './forward.service.js';

@Module({ imports: [SessionModule], controllers: [ForwardController], providers: [ForwardService], exports: [ForwardService] })
export class ForwardModule {}
