import { Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { entityName, uuid } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, Clock, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { loadTestFailed, loadTestNotFound, versionNotFound } from '../errors.js';
import { versionParam } from '../versions/versions.schema.js';
import { VersionsService } from '../versions/versions.service.js';
import { type GatewayLoadTest, gatewayLoadTest, type LoadTestView, loadTestSchema, loadTestView } from './load-tests.schema.js';
import { GatewayLoadTestsService } from './load-tests.service.js';

@ApiTags('evidence')
@Controller('v1')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class GatewayLoadTestsController {
  constructor(
    private readonly tests: GatewayLoadTestsService,
    private readonly versions: VersionsService,
    private readonly clock: Clock,
  ) {}

  @Post('models/:model/versions/:version/gateway-load-tests')
  @HttpCode(202)
  @Roles('scientist', 'operator', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Have a gateway put the version under load, behind its clients: HTTP, micro-batches and run; ask for the outcome',
  })
  @ApiResponse({ status: 202, standardSchema: loadTestSchema })
  @Problems(loadTestFailed, versionNotFound)
  async ask(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: gatewayLoadTest }) body: GatewayLoadTest,
  ): Promise<LoadTestView> {
    requireModel(credential, model);
    const test = await this.tests.ask(await this.versions.get(model, version), body, credential.identity);
    return loadTestView(test, this.clock.now());
  }

  @Get('load-tests/:loadTestId')
  @ApiOperation({ summary: 'How a load test at a gateway went' })
  @ApiResponse({ status: 200, standardSchema: loadTestSchema })
  @Problems(modelNotAllowed, loadTestNotFound)
  async get(@Credential() credential: Credential, @Param('loadTestId', { schema: uuid }) loadTestId: string): Promise<LoadTestView> {
    const test = await this.tests.get(loadTestId);
    requireModel(credential, test.modelName);
    return loadTestView(test, this.clock.now());
  }
}
