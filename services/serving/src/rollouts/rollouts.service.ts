import { FreezeSwitch, likePatterns } from '@bascule/access';
import type { CanaryJudged, Environment, ModelLoaded, ModelLoadRefused, PromotionApproved } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { eventContext } from '@bascule/messaging';
import { newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { EndpointsService } from '../endpoints/endpoints.service.js';
import { rolloutEnded, rolloutNotFound } from '../errors.js';
import { isTampered } from '../runtime/load-reasons.js';
import { Rollout } from './rollout.entity.js';
import { RolloutMoves } from './rollout-moves.service.js';
import { decideRollout, hasEnded, type RolloutInput } from './rollout-state.js';
import { RolloutStep } from './rollout-step.entity.js';

export interface RolloutFilter {
  /** Patterns of the names the caller may see. */
  readonly models: readonly string[];
  readonly modelName?: string | undefined;
  readonly beforeId?: string | undefined;
}

/** Drives rollouts: each input is decided purely, then done, all in one transaction under the lock of the endpoint. */
@Injectable()
export class RolloutsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly endpoints: EndpointsService,
    private readonly moves: RolloutMoves,
    private readonly freeze: FreezeSwitch,
  ) {}

  /** An approved promotion becomes a rollout; it waits for its turn. */
  async request(approved: PromotionApproved['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const { strategy, championVersion: _promised, override: _override, signatureDigest, signingKey, ...facts } = approved;
      const signed = signatureDigest && signingKey ? { digest: signatureDigest, publicKey: signingKey } : null;
      const handled = eventContext();
      const chain = { causedBy: handled?.causationId ?? null, correlationId: handled?.correlationId ?? null };
      const state = { status: 'waiting', step: 0, percent: 0, loadedBy: [], keptVerdict: null, endedAt: null, ...chain } as const;
      await manager
        .createQueryBuilder()
        .insert()
        .into(Rollout)
        .values({
          id: newId(),
          ...facts,
          ...state,
          signed,
          profileDigest: facts.profileDigest ?? null,
          championVersion: null,
          steps: strategy.steps,
        } as never)
        .orIgnore()
        .execute();
      await this.resume(approved.modelName, approved.environment);
    });
  }

  async noteLoaded({ gatewayId, ...loaded }: ModelLoaded['data']): Promise<void> {
    await this.tellActive(loaded, { kind: 'loaded', gatewayId });
  }

  async noteRefused({ reasons, ...refused }: ModelLoadRefused['data']): Promise<void> {
    await this.tellActive(refused, { kind: 'refused', reasons, isTampered: isTampered(reasons) });
  }

  async judge({ rolloutId, step, verdict, reasons }: CanaryJudged['data']): Promise<void> {
    await this.tell(rolloutId, { kind: 'judged', step, verdict, reasons });
  }

  /** A person stops a rollout; the champion answers everything again. */
  async abort(rolloutId: string, by: string, reason: string): Promise<Rollout> {
    return this.transactions.run(async () => {
      const before = await this.get(rolloutId);
      if (hasEnded(before.status)) throw rolloutEnded({ rolloutId, status: before.status });
      await this.tell(rolloutId, { kind: 'abort', reasons: [`${by}: ${reason}`] });
      return this.get(rolloutId);
    });
  }

  /** Lets everything go on that waited for the freeze to end, or for another rollout. */
  async resumeAll(): Promise<void> {
    if (this.freeze.isFrozen()) return;
    const open = await this.transactions.manager.find(Rollout, {
      where: { status: In(['waiting', 'loading', 'running']) },
      order: { id: 'ASC' },
    });
    for (const { modelName, environment } of open) await this.resume(modelName, environment);
  }

  async get(id: string): Promise<Rollout> {
    const rollout = await this.transactions.manager.findOne(Rollout, { where: { id } });
    if (!rollout) throw rolloutNotFound({ rolloutId: id });
    return rollout;
  }

  async steps(rolloutId: string): Promise<RolloutStep[]> {
    return this.transactions.manager.find(RolloutStep, { where: { rolloutId }, order: { id: 'ASC' } });
  }

  /** Newest first; only those of models the patterns cover. */
  async list({ models, modelName, beforeId }: RolloutFilter, limit: number): Promise<Rollout[]> {
    const query = this.transactions.manager
      .createQueryBuilder(Rollout, 'rollout')
      .where('rollout.modelName like any(:patterns)', { patterns: likePatterns(models) })
      .orderBy('rollout.id', 'DESC')
      .limit(limit);
    if (modelName !== undefined) query.andWhere('rollout.modelName = :modelName', { modelName });
    if (beforeId !== undefined) query.andWhere('rollout.id < :beforeId', { beforeId });
    return query.getMany();
  }

  private async resume(modelName: string, environment: Environment): Promise<void> {
    await this.transactions.run(async (manager) => {
      const endpoint = await this.endpoints.lock(modelName, environment);
      const where = { modelName, environment };
      const active = await manager.findOne(Rollout, { where: { ...where, status: In(['loading', 'running']) } });
      const next = active ?? (await manager.findOne(Rollout, { where: { ...where, status: 'waiting' }, order: { id: 'ASC' } }));
      if (!next) return;
      for (const move of decideRollout(stateOf(next, endpoint.versions), { kind: 'resume' }, this.freeze.isFrozen())) {
        await this.moves.perform(endpoint, next, move);
      }
    });
  }

  /** What a gateway of one environment found says nothing about a rollout in another. */
  private async tellActive(found: Omit<ModelLoadRefused['data'], 'gatewayId' | 'reasons'>, input: RolloutInput): Promise<void> {
    const { modelName, version, artifactDigest, environment } = found;
    const where = { modelName, version, artifactDigest, status: In(['loading', 'running']), ...(environment ? { environment } : {}) };
    for (const { id } of await this.transactions.manager.find(Rollout, { where })) await this.tell(id, input);
  }

  private async tell(rolloutId: string, input: RolloutInput): Promise<void> {
    await this.transactions.run(async (manager) => {
      const { modelName, environment } = await this.get(rolloutId);
      const endpoint = await this.endpoints.lock(modelName, environment);
      const rollout = await manager.findOneOrFail(Rollout, { where: { id: rolloutId } });
      const moves = decideRollout(stateOf(rollout, endpoint.versions), input, this.freeze.isFrozen());
      for (const move of moves) await this.moves.perform(endpoint, rollout, move);
      if (hasEnded(rollout.status)) await this.resume(modelName, environment);
    });
  }
}

function stateOf(rollout: Rollout, versions: readonly { version: number; role: string }[]) {
  const hasChampion = versions.some(({ version, role }) => role === 'champion' && version !== rollout.version);
  const { status, step, steps, loadedBy, keptVerdict } = rollout;
  return { status, step, steps, loadedBy, keptVerdict, hasChampion };
}
