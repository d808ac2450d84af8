import { Module } from '@nestjs/common';
import { WindowsController } from './windows.controller.js';
import { WindowsService } from './windows.service.js';

@Module({ controllers: [WindowsController], providers: [WindowsService], exports: [WindowsService] })
export class WindowsModule {}
