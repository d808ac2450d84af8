import { type EvidenceBundle, verifyEvidence } from '@bascule/proofs';
import { names } from '../story.js';
import { waitFor } from '../wait-for.js';
import { hold, type Step } from './step.js';

export const audit: Step = {
  name: 'audit',
  title: 'An auditor follows one claim and one promotion, and checks both offline',
  async run(story) {
    const triage = story.claimsSystem.triages.find(({ claim }) => claim.damaged === 1 && claim.occurredAt >= '1996')!;
    const { claimNumber } = triage.claim;
    const { verifierKey: key } = await story.audit.get<{ verifierKey: string }>('/v1/audit/key');
    const claimEvidence = await waitFor(`the evidence of claim ${claimNumber}`, async () => {
      const bundle = await story.audit.get<EvidenceBundle>(`/v1/audit/evidence?clientRecordId=${claimNumber}&model=${names.model}`);
      const found = bundle.completeness.items.filter(({ status }) => status === 'found').map(({ what }) => what);
      return ['prediction', 'decision', 'ground truth'].every((what) => found.includes(what)) ? bundle : undefined;
    });
    const promotionEvidence = await story.audit.get<EvidenceBundle>(`/v1/audit/evidence?promotionId=${story.fact('secondPromotion')}`);
    for (const [what, bundle] of [
      ['claim', claimEvidence],
      ['promotion', promotionEvidence],
    ] as const) {
      const check = verifyEvidence(bundle, key);
      hold(check.integrity, `the evidence of the ${what} does not verify: ${check.problems.join('; ')}`);
    }
    const [first, ...others] = claimEvidence.entries;
    const tampered: EvidenceBundle = {
      ...claimEvidence,
      entries: [{ ...first!, facts: { ...first!.facts, time: '2000-01-01T00:00:00.000Z' } }, ...others],
    };
    hold(!verifyEvidence(tampered, key).integrity, 'tampered evidence verifies');
    const at = story.fact('firstInProductionAt');
    const production = await story.approverRegistry.get<{ version: number }>(
      `/v1/models/${names.model}/production?at=${encodeURIComponent(at)}`,
    );
    hold(
      String(production.version) === story.fact('firstVersion'),
      `version ${production.version} is said to have been in production at ${at}`,
    );
    return `claim ${claimNumber}: prediction by version ${triage.modelVersion}, decision and settlement, ${claimEvidence.entries.length} entries; promotion: ${promotionEvidence.entries.length} entries; all verified offline, a changed byte is found; at ${at.slice(0, 19)}Z version ${production.version} was in production`;
  },
};
