import { Credential, Roles } from '@bascule/access';
import type { FreezeState } from '@bascule/contracts';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { type SwitchReason, switchReason } from './freeze.schema.js';
import { FreezeService } from './freeze.service.js';

@ApiTags('freeze')
@ApiBearerAuth()
@Controller('v1')
export class FreezeController {
  constructor(private readonly freeze: FreezeService) {}

  @Get('freeze')
  @Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin', 'service')
  @ApiOperation({ summary: 'Whether the loop is frozen, by whom, why and since when' })
  async getState(): Promise<FreezeState> {
    return this.freeze.state();
  }

  @Post('freeze')
  @HttpCode(200)
  @Roles('operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Stops retraining, promotion and rollout within a second; serving goes on' })
  async freezeLoop(@Body({ schema: switchReason }) { reason }: SwitchReason, @Credential() { identity }: Credential): Promise<FreezeState> {
    return this.freeze.set(true, identity, reason);
  }

  @Post('unfreeze')
  @HttpCode(200)
  @Roles('operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Lets the loop move again' })
  async unfreezeLoop(
    @Body({ schema: switchReason }) { reason }: SwitchReason,
    @Credential() { identity }: Credential,
  ): Promise<FreezeState> {
    return this.freeze.set(false, identity, reason);
  }
}
