import { Module } from '@nestjs/common';
import { SessionModule } from '../session/session.module.js';
import { ExampleController } from './example.controller.js';

@Module({ imports: [SessionModule], controllers: [ExampleController] })
export class ExampleModule {}
