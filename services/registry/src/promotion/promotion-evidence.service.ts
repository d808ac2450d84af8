import type { Environment, GateResult } from '@bascule/contracts';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { AvailabilityService } from '../availability/availability.service.js';
import { consumerRule } from '../consumers/consumer-rule.js';
import { ConsumersService } from '../consumers/consumers.service.js';
import { DataVerdictsService } from '../data-verdicts/data-verdicts.service.js';
import { EvidenceService } from '../evidence/evidence.service.js';
import { ProvenanceService } from '../evidence/provenance.service.js';
import type { PromotionPolicy } from '../policies/policy.schema.js';
import { askPolicy } from '../policies/policy-rules.js';
import { type SignatureFinding, SigningService } from '../signing/signing.service.js';
import { graphDifferences } from '../versions/graph-differences.js';
import { metricsDeclaredBy } from '../versions/metrics-origin.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { evaluateGates } from './gates.js';
import { PromotionService } from './promotion.service.js';

/** What every gate said at one moment. */
export interface AskedGates {
  readonly gates: GateResult[];
  readonly championVersion: number | null;
  /** It was the champion before the one of now first was, and has shown no harm since. */
  readonly isGoingBack: boolean;
  readonly artifactFaults: readonly string[];
  readonly signingFaults: readonly string[];
  /** There when the signature is good. */
  readonly signed: SignatureFinding['signature'];
}

/** Gathers what is known about a version and puts it before every gate and rule. */
@Injectable()
export class PromotionEvidenceService {
  constructor(
    private readonly promotions: PromotionService,
    private readonly versions: VersionsService,
    private readonly aliases: AliasesService,
    private readonly artifacts: ArtifactsService,
    private readonly signing: SigningService,
    private readonly recorded: EvidenceService,
    private readonly provenance: ProvenanceService,
    private readonly data: DataVerdictsService,
    private readonly consumers: ConsumersService,
    private readonly availability: AvailabilityService,
    private readonly clock: Clock,
  ) {}

  /** @param decides whether something follows from the answer: then the file is read again, whatever was known of it */
  async askGates(version: VersionEntity, environment: Environment, policy: PromotionPolicy, decides = true): Promise<AskedGates> {
    const { modelName, metrics, signature, comparison, datasetVersion } = version;
    const alias = await this.aliases.findChampion(modelName, environment);
    const champion = alias && (await this.versions.get(modelName, alias.version));
    const file = [version.artifactDigest, Number(version.artifactSizeBytes)] as const;
    const { faults, graph } = decides ? await this.artifacts.inspect(...file) : await this.artifacts.inspectKnown(...file);
    const graphFaults = graph ? graphDifferences(signature, graph).map(({ message }) => message) : [];
    const declaredBy = metricsDeclaredBy(version);
    const { faults: signingFaults, signature: signed } = await this.signing.verify(version);
    const mark = await this.promotions.lastMarkOf(modelName, version.version, environment);
    // what was rolled back since then has shown harm: it is judged again
    const isGoingBack = !mark && (await this.aliases.isFormerChampion(modelName, version.version, environment));
    const { days } = policy.consumers;
    const asked = await this.consumers.evidenceFor(modelName, signature, days, champion !== undefined);
    const evidence = {
      ...version,
      declaredBy,
      champion,
      recorded: await this.recorded.current(modelName, version.version),
      environment,
      data: policy.data && datasetVersion ? await this.data.find(datasetVersion) : undefined,
      availability: policy.availability && (await this.availability.find(modelName, environment, policy.availability.windowDays)),
      provenanceFaults: policy.isProvenanceRequired ? await this.provenance.faultsOf(version) : undefined,
      isGoingBack,
      now: this.clock.now(),
    };
    return {
      gates: [
        ...evaluateGates(
          { metrics, declaredBy, signature, graphFaults, comparison, artifactFaults: faults, signingFaults, champion, mark },
          policy.metrics !== undefined,
        ),
        ...askPolicy(policy, evidence),
        consumerRule(policy.consumers, asked),
      ],
      championVersion: champion?.version ?? null,
      isGoingBack,
      artifactFaults: faults,
      signingFaults,
      signed,
    };
  }
}
