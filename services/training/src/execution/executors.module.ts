import { Module } from '@nestjs/common';
import { TrainersController } from '../trainer-programs/trainers.controller.js';
import { TrainersService } from '../trainer-programs/trainers.service.js';
import { Executor } from './executor.js';
import { ProcessExecutor } from './process.executor.js';

@Module({
  controllers: [TrainersController],
  providers: [TrainersService, { provide: Executor, useClass: ProcessExecutor }],
  exports: [TrainersService, Executor],
})
export class ExecutorsModule {}
