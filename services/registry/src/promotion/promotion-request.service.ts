import type { Credential } from '@bascule/access';
import { type Environment, promotionRequested } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AliasesService } from '../aliases/aliases.service.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import type { Config } from '../config.js';
import { alreadyChampion, environmentUnknown, gatesFailed, promotionOpen, versionArchived } from '../errors.js';
import { PoliciesService } from '../policies/policies.service.js';
import { defaultPolicy, type PromotionPolicy } from '../policies/policy.schema.js';
import { askPolicy } from '../policies/policy-rules.js';
import { SigningService } from '../signing/signing.service.js';
import { graphDifferences } from '../versions/graph-differences.js';
import { metricsDeclaredBy } from '../versions/metrics-origin.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { allPass, evaluateGates, failures } from './gates.js';
import { PromotionEntity } from './promotion.entity.js';
import type { PromotionBody } from './promotion.schema.js';
import { PromotionService } from './promotion.service.js';
import { strategyOf } from './promotion-policy.js';

/** Takes requests for promotion: asks the gates, records the request and hands it to the approvers. */
@Injectable()
export class PromotionRequestService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly versions: VersionsService,
    private readonly aliases: AliasesService,
    private readonly artifacts: ArtifactsService,
    private readonly promotions: PromotionService,
    private readonly signing: SigningService,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async request(modelName: string, number: number, body: PromotionBody, credential: Credential): Promise<PromotionEntity> {
    const { ENVIRONMENTS: known } = this.config;
    if (!known.includes(body.environment)) throw environmentUnknown({ environment: body.environment, known });
    const version = await this.versions.get(modelName, number);
    if (version.stage === 'archived') throw versionArchived({ model: modelName, version: number });
    const open = await this.promotions.findOpen(modelName, body.environment);
    if (open) throw promotionOpen({ promotion: open.promotionId, version: open.version, status: open.status });
    const held = await this.policies.find(modelName);
    const policy = held?.policy ?? defaultPolicy;
    const { gates, championVersion } = await this.askGates(version, body.environment, policy);
    if (!allPass(gates) && !body.override) {
      const errors = failures(gates);
      throw gatesFailed({ model: modelName, version: number, errors }, errors.map(({ path, message }) => `${path}: ${message}`).join('; '));
    }
    // an override that nothing needs is not recorded: it would look as if something had been passed over
    const override = body.override && !allPass(gates) ? { by: credential.identity, reason: body.override.reason } : null;
    return this.record(version, {
      promotionId: newId(),
      modelName,
      version: number,
      environment: body.environment,
      status: 'requested',
      requestedBy: credential.identity,
      gates,
      metricsDeclaredBy: metricsDeclaredBy(version),
      override,
      strategy: strategyOf(body.strategy, championVersion !== null),
      championVersion,
      approval: null,
      rolloutId: null,
      reasons: [],
      policyRevision: held?.revision ?? 0,
      expiresAt: new Date(this.clock.now().getTime() + policy.expiresHours * 3_600_000),
      createdAt: this.clock.now(),
      decidedAt: null,
      endedAt: null,
    });
  }

  private async askGates(version: VersionEntity, environment: Environment, policy: PromotionPolicy) {
    const alias = await this.aliases.findChampion(version.modelName, environment);
    if (alias?.version === version.version) throw alreadyChampion({ model: version.modelName, version: version.version, environment });
    const champion = alias && (await this.versions.get(version.modelName, alias.version));
    const { faults, graph } = await this.artifacts.inspect(version.artifactDigest, Number(version.artifactSizeBytes));
    const { metrics, signature, comparison } = version;
    const graphFaults = graph ? graphDifferences(signature, graph).map(({ message }) => message) : [];
    const declaredBy = metricsDeclaredBy(version);
    const { faults: signingFaults } = await this.signing.verify(version);
    return {
      gates: [
        ...evaluateGates(
          { metrics, declaredBy, signature, graphFaults, comparison, artifactFaults: faults, signingFaults, champion },
          policy.metrics !== undefined,
        ),
        ...askPolicy(policy, { ...version, declaredBy, champion }),
      ],
      championVersion: champion?.version ?? null,
    };
  }

  private async record(version: VersionEntity, promotion: PromotionEntity): Promise<PromotionEntity> {
    return this.transactions.run(async (manager) => {
      try {
        await manager.insert(PromotionEntity, promotion);
      } catch (error) {
        if (isUniqueViolation(error)) throw promotionOpen({ model: promotion.modelName, environment: promotion.environment });
        throw error;
      }
      const { promotionId, modelName, environment, requestedBy, gates, override, championVersion } = promotion;
      await this.outbox.publish({
        definition: promotionRequested,
        data: {
          promotionId,
          modelName,
          version: promotion.version,
          environment,
          requestedBy,
          gates,
          artifactDigest: version.artifactDigest,
          metrics: version.metrics,
          ...(override ? { override } : {}),
          ...(championVersion === null ? {} : { championVersion }),
        },
      });
      return promotion;
    });
  }
}

function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: string }).code === '23505';
}
