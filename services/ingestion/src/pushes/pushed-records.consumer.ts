import { Work } from '@bascule/messaging';
import { Injectable } from '@nestjs/common';
import { type PushedRecords, pushedRecords } from './pushed-records.js';
import { PushesService } from './pushes.service.js';

@Injectable()
export class PushedRecordsConsumer {
  constructor(private readonly pushes: PushesService) {}

  @Work(pushedRecords)
  async keepRecords({ id, data }: PushedRecords): Promise<void> {
    await this.pushes.take(id, data);
  }
}
