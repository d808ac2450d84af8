import { Credential, Roles, requireDataset } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Clock } from '@bascule/platform';
import { Controller, Get, Param } from '@nestjs/common';
import { z } from 'zod';
import { ContractsService } from '../contracts/contracts.service.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { readers } from '../readers.js';
import { BatchProfiles } from './batch-profiles.queries.js';
import { sendersOf } from './label-flood.js';

const sendersView = z
  .object({
    items: z.array(
      z.object({
        sentBy: z.string(),
        batchCount: z.int(),
        recordCount: z.int(),
        /** Records with a label; of large batches as far as they were sampled. */
        labelledCount: z.int(),
        /** Those of the last 24 hours. */
        labelledToday: z.int(),
        /** Label to its share among the labels of the sender. */
        labelShares: z.record(z.string(), z.number()),
      }),
    ),
  })
  .meta({ id: 'DatasetSenders' });

@ApiTags('datasets')
@Controller('v1/datasets/:dataset/senders')
export class SendersController {
  constructor(
    private readonly profiles: BatchProfiles,
    private readonly contracts: ContractsService,
    private readonly datasets: DatasetsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({
    summary: 'Who sent the last batches of a dataset, how many labels each brought, and which: what label floods are judged by',
  })
  @ApiResponse({ status: 200, standardSchema: sendersView })
  async list(@Param('dataset', { schema: entityName }) name: string, @Credential() credential: Credential) {
    requireDataset(credential, name);
    const { contractName } = await this.datasets.get(name);
    const { label, rules } = this.contracts.compile(await this.contracts.get(contractName));
    const recent = await this.profiles.recent(name);
    return { items: sendersOf(recent, label === undefined ? undefined : rules[label]!.name, this.clock.now()) };
  }
}
