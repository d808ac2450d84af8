import { Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, decodeCursor, type Page, Problems, pageOf } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { rolloutEnded, rolloutNotFound, rolloutNotSteerable } from '../errors.js';
import type { Rollout } from './rollout.entity.js';
import type { RolloutStep } from './rollout-step.entity.js';
import { type RolloutView, rolloutDetail, rolloutPage, rolloutsQuery, type SteerBody, steerBody } from './rollouts.schema.js';
import { RolloutsService } from './rollouts.service.js';

type Detail = RolloutView & { readonly steps: readonly Omit<RolloutStep, 'id' | 'rolloutId'>[] };

@ApiTags('rollouts')
@Controller('v1/rollouts')
@Roles('client', 'operator', 'scientist', 'approver', 'auditor', 'admin')
export class RolloutsController {
  constructor(private readonly rollouts: RolloutsService) {}

  /** Lists rollouts, newest first. */
  @Get()
  @ApiOperation({ summary: 'List rollouts, newest first' })
  @ApiResponse({ status: 200, standardSchema: rolloutPage })
  @Problems(modelNotAllowed)
  async list(
    @Query({ schema: rolloutsQuery }) { model, limit, cursor }: z.infer<typeof rolloutsQuery>,
    @Credential() credential: Credential,
  ): Promise<Page<RolloutView>> {
    if (model !== undefined) requireModel(credential, model);
    const before = cursor === undefined ? undefined : decodeCursor(cursor, uuid);
    const rollouts = await this.rollouts.list({ models: credential.models, modelName: model, beforeId: before }, limit + 1);
    return pageOf(rollouts.map(viewOf), limit, ({ rolloutId }) => rolloutId);
  }

  /** Shows a rollout with everything that happened to it and why. */
  @Get(':id')
  @ApiOperation({ summary: 'One rollout with its steps and their reasons' })
  @ApiResponse({ status: 200, standardSchema: rolloutDetail })
  @Problems(modelNotAllowed, rolloutNotFound)
  async get(@Param('id', { schema: uuid }) id: string, @Credential() credential: Credential): Promise<Detail> {
    const rollout = await this.rollouts.get(id);
    requireModel(credential, rollout.modelName);
    return this.detailOf(rollout);
  }

  /** Stops a rollout: the champion answers everything again. */
  @Post(':id/abort')
  @HttpCode(200)
  @Roles('operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Stop a rollout with a reason; the champion answers everything again' })
  @ApiResponse({ status: 200, standardSchema: rolloutDetail })
  @Problems(modelNotAllowed, rolloutEnded, rolloutNotFound, rolloutNotSteerable)
  abort(@Param('id', { schema: uuid }) id: string, @Body({ schema: steerBody }) body: SteerBody, @Credential() who: Credential) {
    return this.steer(id, 'abort', body, who);
  }

  /** Ends a rollout for the version: it answers everything. */
  @Post(':id/finish')
  @HttpCode(200)
  @Roles('operator', 'admin')
  @ApiOperation({ summary: 'End a rollout now, with a reason: the version answers everything' })
  @ApiResponse({ status: 200, standardSchema: rolloutDetail })
  @Problems(modelNotAllowed, rolloutEnded, rolloutNotFound, rolloutNotSteerable)
  finish(@Param('id', { schema: uuid }) id: string, @Body({ schema: steerBody }) body: SteerBody, @Credential() who: Credential) {
    return this.steer(id, 'finish', body, who);
  }

  /** Holds a rollout where it is; harm still rolls it back. */
  @Post(':id/pause')
  @HttpCode(200)
  @Roles('operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Hold a rollout at its present share, with a reason; harm still rolls it back' })
  @ApiResponse({ status: 200, standardSchema: rolloutDetail })
  @Problems(modelNotAllowed, rolloutEnded, rolloutNotFound, rolloutNotSteerable)
  pause(@Param('id', { schema: uuid }) id: string, @Body({ schema: steerBody }) body: SteerBody, @Credential() who: Credential) {
    return this.steer(id, 'pause', body, who);
  }

  /** Lets a held rollout go on. */
  @Post(':id/resume')
  @HttpCode(200)
  @Roles('operator', 'approver', 'admin')
  @ApiOperation({ summary: 'Let a held rollout go on, with a reason' })
  @ApiResponse({ status: 200, standardSchema: rolloutDetail })
  @Problems(modelNotAllowed, rolloutEnded, rolloutNotFound, rolloutNotSteerable)
  resume(@Param('id', { schema: uuid }) id: string, @Body({ schema: steerBody }) body: SteerBody, @Credential() who: Credential) {
    return this.steer(id, 'unpause', body, who);
  }

  private async steer(
    id: string,
    action: 'abort' | 'finish' | 'pause' | 'unpause',
    { reason }: SteerBody,
    credential: Credential,
  ): Promise<Detail> {
    requireModel(credential, (await this.rollouts.get(id)).modelName);
    return this.detailOf(await this.rollouts.steer(id, action, { by: credential.identity, reason }));
  }

  private async detailOf(rollout: Rollout): Promise<Detail> {
    const steps = await this.rollouts.steps(rollout.id);
    return { ...viewOf(rollout), steps: steps.map(({ move, step, percent, reasons, at }) => ({ move, step, percent, reasons, at })) };
  }
}

function viewOf({
  id: rolloutId,
  signature: _signature,
  loadedBy: _loadedBy,
  keptVerdict: _kept,
  causedBy: _causedBy,
  correlationId: _correlationId,
  artifactSizeBytes: _size,
  profileDigest: _profile,
  steps,
  strategy,
  ...rest
}: Rollout): RolloutView {
  return { rolloutId, ...rest, strategy: strategy ?? { steps } };
}
