import { Roles } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, Problems } from '@bascule/platform';
import { Controller, Get } from '@nestjs/common';
import { checkpointNotFound } from '../errors.js';
import { CheckpointsService, type SignedCheckpoint } from './checkpoints.service.js';

@ApiTags('audit')
@ApiBearerAuth()
@Roles('auditor', 'operator', 'approver', 'scientist', 'admin')
@Controller('v1/audit')
export class CheckpointsController {
  constructor(private readonly checkpoints: CheckpointsService) {}

  @Get('checkpoints/latest')
  @ApiOperation({ summary: 'The newest signed head of the log, as a signed note' })
  @Problems(checkpointNotFound)
  async getLatest(): Promise<SignedCheckpoint & { verifierKey: string }> {
    return { ...(await this.checkpoints.getLatest()), verifierKey: this.checkpoints.verifierKey };
  }

  @Get('key')
  @ApiOperation({ summary: 'The key that verifies checkpoints and evidence; note it down where Bascule cannot change it' })
  getKey(): { verifierKey: string; origin: string } {
    return { verifierKey: this.checkpoints.verifierKey, origin: this.checkpoints.signer.name };
  }
}
