import { Credential, Roles } from '@bascule/access';
import { digest as digestSchema } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, Problems } from '@bascule/platform';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { artifactNotAnswering, artifactNotFound, probeBusy } from '../errors.js';
import { type OutlineView, outlineSchema, type TrialBody, type TrialView, trialBody, trialSchema } from './trials.schema.js';
import { TrialsService } from './trials.service.js';

@ApiTags('artifacts')
@Controller('v1/artifacts/:digest')
@Roles('scientist', 'admin')
export class TrialsController {
  constructor(private readonly trials: TrialsService) {}

  @Get('outline')
  @ApiOperation({ summary: 'What an uploaded model file takes and answers, and what speaks against it; nothing is run' })
  @ApiResponse({ status: 200, standardSchema: outlineSchema })
  @Problems(artifactNotFound)
  outline(@Credential() credential: Credential, @Param('digest', { schema: digestSchema }) digest: string): Promise<OutlineView> {
    return this.trials.outline(digest, credential);
  }

  @Post('trials')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask an uploaded model file once, in a process of its own, without registering it' })
  @ApiResponse({ status: 200, standardSchema: trialSchema })
  @Problems(artifactNotAnswering, artifactNotFound, probeBusy)
  try(
    @Credential() credential: Credential,
    @Param('digest', { schema: digestSchema }) digest: string,
    @Body({ schema: trialBody }) body: TrialBody,
  ): Promise<TrialView> {
    return this.trials.try(digest, body, credential);
  }
}
