import type { Credential } from '@bascule/access';
import { promotionRequested, type Role } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, CONFIG, newId } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config.js';
import {
  alreadyChampion,
  environmentUnknown,
  gatesFailed,
  overrideNotAllowed,
  promotionOpen,
  requestNotAllowed,
  versionArchived,
} from '../errors.js';
import { PoliciesService } from '../policies/policies.service.js';
import { approvalsFor, defaultPolicy, type PromotionPolicy } from '../policies/policy.schema.js';
import { metricsDeclaredBy } from '../versions/metrics-origin.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { allPass, failures } from './gates.js';
import { PromotionEntity } from './promotion.entity.js';
import type { PromotionBody, ReadinessView } from './promotion.schema.js';
import { PromotionService } from './promotion.service.js';
import { PromotionDecisionService } from './promotion-decision.service.js';
import { PromotionEvidenceService } from './promotion-evidence.service.js';
import { strategyOf } from './promotion-policy.js';

/** Takes requests for promotion: asks the gates, records the request and hands it to the approvers. */
@Injectable()
export class PromotionRequestService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly versions: VersionsService,
    private readonly promotions: PromotionService,
    private readonly decisions: PromotionDecisionService,
    private readonly evidence: PromotionEvidenceService,
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
    this.refuseStrangers(credential, policy, body.override !== undefined);
    const { gates, championVersion, isGoingBack } = await this.evidence.askGates(version, body.environment, policy);
    if (championVersion === number) throw alreadyChampion({ model: modelName, version: number, environment: body.environment });
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
      strategy: strategyOf(body.strategy, championVersion !== null, isGoingBack),
      championVersion,
      approvals: [...approvalsFor(policy, body.environment, override !== null)],
      approval: null,
      decision: null,
      rolloutId: null,
      isMarked: false,
      reasons: [],
      policyRevision: held?.revision ?? 0,
      expiresAt: new Date(this.clock.now().getTime() + policy.expiresHours * 3_600_000),
      createdAt: this.clock.now(),
      decidedAt: null,
      endedAt: null,
    });
  }

  /** How a version stands now; nothing is asked for and nothing is kept. */
  async readiness(modelName: string, version: number, environment: string): Promise<ReadinessView> {
    const { ENVIRONMENTS: known } = this.config;
    if (!known.includes(environment)) throw environmentUnknown({ environment, known });
    const found = await this.versions.get(modelName, version);
    if (found.stage === 'archived') throw versionArchived({ model: modelName, version });
    const held = await this.policies.find(modelName);
    const { gates, championVersion } = await this.evidence.askGates(found, environment, held?.policy ?? defaultPolicy, false);
    const policyRevision = held?.revision ?? 0;
    return { modelName, version, environment, isReady: allPass(gates), gates, championVersion, policyRevision };
  }

  /** Scientists and administrators ask; others only where the policy lets their role pass over gates. */
  private refuseStrangers({ roles }: Credential, policy: PromotionPolicy, isOverride: boolean): void {
    const mayOverride = policy.overrideRoles.some((role: Role) => roles.includes(role));
    if (isOverride && !mayOverride) throw overrideNotAllowed({ roles: policy.overrideRoles });
    if (!isOverride && !roles.includes('scientist') && !roles.includes('admin')) throw requestNotAllowed();
  }

  private async record(version: VersionEntity, promotion: PromotionEntity): Promise<PromotionEntity> {
    return this.transactions.run(async (manager) => {
      try {
        await manager.insert(PromotionEntity, promotion);
      } catch (error) {
        if (isUniqueViolation(error)) throw promotionOpen({ model: promotion.modelName, environment: promotion.environment });
        throw error;
      }
      const { promotionId, modelName, environment, requestedBy, gates, override, championVersion, approvals, expiresAt } = promotion;
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
          ...(approvals ? { approvals } : {}),
          ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
          ...(override ? { override } : {}),
          ...(championVersion === null ? {} : { championVersion }),
        },
      });
      if (approvals?.length !== 0) return promotion;
      await this.decisions.decideWithoutVotes(promotionId);
      return this.promotions.get(promotionId);
    });
  }
}

function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: string }).code === '23505';
}
