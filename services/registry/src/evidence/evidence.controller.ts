import { Credential, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Idempotent } from '@bascule/database';
import { ApiOperation, ApiResponse, ApiTags, type Page, Problems } from '@bascule/platform';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { artifactNotFound, loadTestFailed, modelNotFound, probeBusy, versionNotFound } from '../errors.js';
import { ModelsService } from '../models/models.service.js';
import { versionParam } from '../versions/versions.schema.js';
import { VersionsService } from '../versions/versions.service.js';
import {
  availabilityEvidence,
  type EvidenceQuery,
  type EvidenceView,
  evidencePage,
  evidenceQuery,
  evidenceSchema,
  evidenceView,
  type LoadTestBody,
  loadTestBody,
  versionEvidence,
} from './evidence.schema.js';
import { EvidenceService } from './evidence.service.js';
import { LoadTestService } from './load-test.service.js';

@ApiTags('evidence')
@Controller('v1/models/:model')
@Roles('scientist', 'approver', 'operator', 'auditor', 'admin')
export class EvidenceController {
  constructor(
    private readonly evidence: EvidenceService,
    private readonly loadTests: LoadTestService,
    private readonly versions: VersionsService,
    private readonly models: ModelsService,
    private readonly artifacts: ArtifactsService,
  ) {}

  @Get('versions/:version/evidence')
  @ApiOperation({ summary: 'What is on record about a version besides its metrics, newest first' })
  @ApiResponse({ status: 200, standardSchema: evidencePage })
  @Problems(versionNotFound)
  async list(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Query({ schema: evidenceQuery }) query: EvidenceQuery,
  ): Promise<Page<EvidenceView>> {
    requireModel(credential, model);
    await this.versions.get(model, version);
    const page = await this.evidence.list(model, version, query);
    return { items: page.items.map(evidenceView), nextCursor: page.nextCursor };
  }

  @Post('versions/:version/evidence')
  @Roles('scientist', 'operator', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Declare evidence about a version: calibration, fairness, a load test or a document; it stays on record as declared',
  })
  @ApiResponse({ status: 201, standardSchema: evidenceSchema })
  @Problems(artifactNotFound, versionNotFound)
  async declare(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: versionEvidence }) body: z.infer<typeof versionEvidence>,
  ): Promise<EvidenceView> {
    requireModel(credential, model);
    await this.versions.get(model, version);
    // a document that is not there is none
    if (body.kind === 'document' && body.digest !== undefined) await this.artifacts.requireVisible(body.digest, credential);
    return evidenceView(
      await this.evidence.record({ modelName: model, version, origin: 'declared', recordedBy: credential.identity }, body),
    );
  }

  @Post('evidence')
  @Roles('operator', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Declare how much of the error budget of the endpoint is left, as your own monitoring counts it' })
  @ApiResponse({ status: 201, standardSchema: evidenceSchema })
  @Problems(modelNotFound)
  async declareAvailability(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Body({ schema: availabilityEvidence }) body: z.infer<typeof availabilityEvidence>,
  ): Promise<EvidenceView> {
    requireModel(credential, model);
    await this.models.get(model);
    const source = { modelName: model, version: null, origin: 'declared', recordedBy: credential.identity } as const;
    return evidenceView(await this.evidence.record(source, body));
  }

  @Post('versions/:version/load-tests')
  @Roles('scientist', 'operator', 'admin')
  @ApiOperation({ summary: 'Run a load test of the model alone, on one thread in a process of its own; answered when it is over' })
  @ApiResponse({ status: 201, standardSchema: evidenceSchema })
  @Problems(loadTestFailed, probeBusy, versionNotFound)
  async loadTest(
    @Credential() credential: Credential,
    @Param('model', { schema: entityName }) model: string,
    @Param('version', { schema: versionParam }) version: number,
    @Body({ schema: loadTestBody }) body: LoadTestBody,
  ): Promise<EvidenceView> {
    requireModel(credential, model);
    return evidenceView(await this.loadTests.run(await this.versions.get(model, version), body, credential.identity));
  }
}
