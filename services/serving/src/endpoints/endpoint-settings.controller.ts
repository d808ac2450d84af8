import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import { endpointNotFound, shadowRefused } from '../errors.js';
import { EndpointSettingsService } from './endpoint-settings.service.js';
import { captureBody, captureView, captureViewOf, environmentQuery, shadowBody, shadowView, shadowViewOf } from './endpoints.schema.js';

@ApiTags('endpoints')
@Controller('v1/endpoints/:model')
export class EndpointSettingsController {
  constructor(private readonly settings: EndpointSettingsService) {}

  /** Says what is captured of an endpoint's predictions. */
  @Get('capture')
  @Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'What is captured, and who chose so' })
  @ApiResponse({ status: 200, standardSchema: captureView })
  @Problems(endpointNotFound)
  async capture(
    @Param('model', { schema: entityName }) modelName: string,
    @Query({ schema: environmentQuery }) { environment }: z.infer<typeof environmentQuery>,
    @Credential() credential: Credential,
  ): Promise<z.infer<typeof captureView>> {
    requireModel(credential, modelName);
    return captureViewOf(await this.settings.find(modelName, environment));
  }

  /** Chooses what is captured from now on. */
  @Put('capture')
  @Roles('operator', 'admin')
  @ApiOperation({
    summary: 'Choose what is captured',
    description:
      '`all`; `sampled` with `samplePercent`; `hashes` in place of values; `off`; `strict`: everything, and the answer leaves once the record is on the disk. Told by `serving.endpoint.changed.v1`.',
  })
  @ApiResponse({ status: 200, standardSchema: captureView })
  @Problems(endpointNotFound)
  async setCapture(
    @Param('model', { schema: entityName }) modelName: string,
    @Body({ schema: captureBody }) { reason, environment, level, samplePercent }: z.infer<typeof captureBody>,
    @Credential() credential: Credential,
  ): Promise<z.infer<typeof captureView>> {
    requireModel(credential, modelName);
    const change = { modelName, environment, by: credential.identity, reason };
    const setting = { level, ...(samplePercent === undefined ? {} : { samplePercent }) };
    return captureViewOf(await this.settings.setCapture(change, setting));
  }

  /** Says which version sees copies of the champion's requests. */
  @Get('shadow')
  @Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin')
  @ApiOperation({ summary: 'The shadow of an endpoint' })
  @ApiResponse({ status: 200, standardSchema: shadowView })
  @Problems(endpointNotFound)
  async shadow(
    @Param('model', { schema: entityName }) modelName: string,
    @Query({ schema: environmentQuery }) { environment }: z.infer<typeof environmentQuery>,
    @Credential() credential: Credential,
  ): Promise<z.infer<typeof shadowView>> {
    requireModel(credential, modelName);
    return shadowViewOf(await this.settings.find(modelName, environment));
  }

  /** Chooses the shadow. */
  @Put('shadow')
  @Roles('operator', 'admin')
  @ApiOperation({
    summary: 'Let a registered version see copies of the champion’s requests',
    description: 'Its answers reach nobody; they are captured with the role shadow. `version` null for none.',
  })
  @ApiResponse({ status: 200, standardSchema: shadowView })
  @Problems(endpointNotFound, shadowRefused)
  async setShadow(
    @Param('model', { schema: entityName }) modelName: string,
    @Body({ schema: shadowBody }) { reason, environment, version, percent }: z.infer<typeof shadowBody>,
    @Credential() credential: Credential,
  ): Promise<z.infer<typeof shadowView>> {
    requireModel(credential, modelName);
    const change = { modelName, environment, by: credential.identity, reason };
    return shadowViewOf(await this.settings.setShadow(change, version === null ? null : { version, percent }));
  }
}
