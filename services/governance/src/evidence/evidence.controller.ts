import { Credential, modelNotAllowed, Roles, requireModel } from '@bascule/access';
import { ApiBearerAuth, ApiOperation, ApiTags, Logger, Metrics, Problems } from '@bascule/platform';
import type { EvidenceBundle } from '@bascule/proofs';
import { Controller, Get, Query } from '@nestjs/common';
import { coversNames, entryNotAllowed } from '../audit/readable-entry.js';
import { checkpointNotFound, entryNotFound, nothingKnown, sizeOutOfRange, unclearQuestion } from '../errors.js';
import { type EvidenceQuery, evidenceQuery } from './evidence.schema.js';
import { EvidenceService } from './evidence.service.js';

@ApiTags('audit')
@ApiBearerAuth()
@Roles('auditor', 'admin')
@Controller('v1/audit')
export class EvidenceController {
  private readonly reads;

  constructor(
    private readonly evidence: EvidenceService,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.reads = metrics.counter('governance_evidence_reads_total', 'Evidence bundles handed out.');
  }

  @Get('evidence')
  @ApiOperation({
    summary: "Evidence about a client's record, a prediction, a promotion or any id, to be verified offline. Who asked for what is logged",
  })
  @Problems(modelNotAllowed, checkpointNotFound, entryNotFound, nothingKnown, sizeOutOfRange, unclearQuestion)
  async getEvidence(@Query({ schema: evidenceQuery }) query: EvidenceQuery, @Credential() credential: Credential): Promise<EvidenceBundle> {
    const { identity, keyId } = credential;
    if (query.model !== undefined) requireModel(credential, query.model);
    const bundle = await this.answer(query);
    // a bundle with holes would prove less than it claims: all of it, or nothing
    const shown = bundle.entries.flatMap(({ payload, rows }) => [payload, ...(rows ?? []).map((row) => row.payload)]);
    if (!shown.every((said) => coversNames(credential, said))) throw entryNotAllowed();
    this.reads.add(1);
    this.log.info({ identity, keyId, question: bundle.question, entries: bundle.entries.length }, 'evidence read');
    return bundle;
  }

  private async answer({ clientRecordId, model, promotionId, predictionId, id }: EvidenceQuery): Promise<EvidenceBundle> {
    if (predictionId && !clientRecordId && !model && !promotionId && !id) return this.evidence.ofPrediction(predictionId);
    if (predictionId) throw unclearQuestion();
    if (clientRecordId && model && !promotionId && !id) return this.evidence.ofRecord(model, clientRecordId);
    if (promotionId && !clientRecordId && !model && !id) return this.evidence.ofPromotion(promotionId);
    if (id && !clientRecordId && !model && !promotionId) return this.evidence.ofId(id);
    throw unclearQuestion();
  }
}
