import { type Credential as Caller, Credential, datasetNotAllowed, Roles, requireDataset, requireModel } from '@bascule/access';
import { digest, entityName } from '@bascule/contracts';
import { ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { datasetUnprofiled, modelNotFound } from '../errors.js';
import { type DatasetDrift, DatasetDriftService } from './dataset-drift.service.js';

const query = z.strictObject({ version: z.coerce.number().int().min(1).optional(), datasetVersion: digest.optional() });

@ApiTags('drift')
@Controller('v1/models/:model/dataset-drift')
export class DatasetDriftController {
  constructor(private readonly drift: DatasetDriftService) {}

  @Get()
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({
    summary: 'How far a dataset version is from the one that a model version was trained on, feature by feature',
    description:
      'From the profiles of both, without reading rows; under the drift policy of the model. Without `version` the one in production, without `datasetVersion` the one profiled last.',
  })
  @Problems(datasetNotAllowed, datasetUnprofiled, modelNotFound)
  async compare(
    @Param('model', { schema: entityName }) model: string,
    @Query({ schema: query }) { version, datasetVersion }: z.infer<typeof query>,
    @Credential() caller: Caller,
  ): Promise<DatasetDrift> {
    requireModel(caller, model);
    const drift = await this.drift.compare(model, version, datasetVersion);
    requireDataset(caller, drift.datasetName);
    return drift;
  }
}
