import { FreezeSwitch, likePatterns } from '@bascule/access';
import type { CanaryJudged, Environment, ModelLoaded, ModelLoadRefused, PromotionApproved, RolloutTripped } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { eventContext } from '@bascule/messaging';
import { Clock, eachInTurn, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { EndpointsService } from '../endpoints/endpoints.service.js';
import { rolloutEnded, rolloutNotFound, rolloutNotSteerable } from '../errors.js';
import { isTampered } from '../runtime/load-reasons.js';
import { Rollout } from './rollout.entity.js';
import { RolloutMoves, type Steering } from './rollout-moves.service.js';
import { stagesOf } from './rollout-stages.js';
import { decideRollout, hasEnded, type RolloutInput, type RolloutState } from './rollout-state.js';
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
    private readonly clock: Clock,
  ) {}

  /** An approved promotion becomes a rollout; it waits for its turn. */
  async request(approved: PromotionApproved['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const { strategy, championVersion: _promised, override, signatureDigest, signingKey, ...facts } = approved;
      const signed = signatureDigest && signingKey ? { digest: signatureDigest, publicKey: signingKey } : null;
      const handled = eventContext();
      const chain = { causedBy: handled?.causationId ?? null, correlationId: handled?.correlationId ?? null };
      const state = { status: 'waiting', step: 0, percent: 0, loadedBy: [], keptVerdict: null, endedAt: null, ...chain } as const;
      const flags = { isPaused: false, isMarked: false, isOverride: override !== undefined };
      const id = newId();
      await manager
        .createQueryBuilder()
        .insert()
        .into(Rollout)
        .values({
          id,
          ...facts,
          ...state,
          ...flags,
          strategy,
          signed,
          profileDigest: facts.profileDigest ?? null,
          championVersion: null,
          steps: strategy.steps,
        } as never)
        .orIgnore()
        .execute();
      await this.refuseMarked(id, approved);
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

  /** A gateway has cut the version off; whatever else it is routed to goes back to the champion. */
  async trip({ rolloutId, reasons, gatewayId, cause }: RolloutTripped['data']): Promise<void> {
    const reason = `${cause.replaceAll('-', ' ')}, seen and cut off by gateway ${gatewayId}`;
    await this.tell(rolloutId, { kind: 'tripped', reasons: [reason, ...reasons] });
  }

  /**
   * A person steers a rollout: `abort` and `finish` end it, for the champion or for the version; `pause` holds it where it
   * is, `unpause` lets it go on. Asking for what is so already changes nothing.
   */
  async steer(rolloutId: string, action: 'abort' | 'finish' | 'pause' | 'unpause', steering: Steering): Promise<Rollout> {
    return this.transactions.run(async () => {
      const before = await this.get(rolloutId);
      if (hasEnded(before.status)) throw rolloutEnded({ rolloutId, status: before.status });
      await this.tell(rolloutId, { kind: action, reasons: [`${steering.by}: ${steering.reason}`] }, steering);
      const after = await this.get(rolloutId);
      if (action === 'finish' && !hasEnded(after.status)) {
        const why = this.freeze.isFrozen() ? 'the loop is frozen' : `it is ${after.status}`;
        throw rolloutNotSteerable({ rolloutId }, `The rollout cannot be finished: ${why}.`);
      }
      return after;
    });
  }

  /** Lets everything go on that waited for the freeze to end, or for another rollout. */
  async resumeAll(): Promise<void> {
    if (this.freeze.isFrozen()) return;
    const open = await this.transactions.manager.find(Rollout, {
      where: { status: In(['waiting', 'loading', 'running']) },
      order: { id: 'ASC' },
    });
    await eachInTurn(open, ({ modelName, environment }) => this.resume(modelName, environment));
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
      for (const move of decideRollout(this.stateOf(next, endpoint.versions), { kind: 'resume' }, this.freeze.isFrozen())) {
        await this.moves.perform(endpoint, next, move);
      }
      if (hasEnded(next.status)) await this.resume(modelName, environment);
    });
  }

  /** A version that was taken back is not tried again, unless somebody takes that upon themself, or did and it went well. */
  private async refuseMarked(id: string, { modelName, environment, version, override }: PromotionApproved['data']): Promise<void> {
    const { manager } = this.transactions;
    const isNew = await manager.existsBy(Rollout, { id });
    const of = { modelName, environment, version };
    const where = [
      { ...of, isMarked: true },
      { ...of, status: 'completed' as const },
    ];
    const marked = await manager.findOne(Rollout, { where, order: { id: 'DESC' } });
    if (!isNew || !marked?.isMarked || override) return;
    const last = (await this.steps(marked.id)).at(-1);
    const reason = `version ${version} was taken back by rollout ${marked.id} and is not tried again without an override`;
    await this.tell(id, { kind: 'marked', reasons: [reason, ...(last?.reasons ?? [])] });
  }

  /** What a gateway of one environment found says nothing about a rollout in another. */
  private async tellActive(found: Omit<ModelLoadRefused['data'], 'gatewayId' | 'reasons'>, input: RolloutInput): Promise<void> {
    const { modelName, version, artifactDigest, environment } = found;
    const where = { modelName, version, artifactDigest, status: In(['loading', 'running']), ...(environment ? { environment } : {}) };
    for (const { id } of await this.transactions.manager.find(Rollout, { where })) await this.tell(id, input);
  }

  private async tell(rolloutId: string, input: RolloutInput, steering?: Steering): Promise<void> {
    await this.transactions.run(async (manager) => {
      const { modelName, environment } = await this.get(rolloutId);
      const endpoint = await this.endpoints.lock(modelName, environment);
      const rollout = await manager.findOneOrFail(Rollout, { where: { id: rolloutId } });
      const moves = decideRollout(this.stateOf(rollout, endpoint.versions), input, this.freeze.isFrozen());
      for (const move of moves) await this.moves.perform(endpoint, rollout, move, steering);
      if (hasEnded(rollout.status)) await this.resume(modelName, environment);
    });
  }

  private stateOf(rollout: Rollout, versions: readonly { version: number; role: string }[]): RolloutState {
    const hasChampion = versions.some(({ version, role }) => role === 'champion' && version !== rollout.version);
    const { status, step, loadedBy, keptVerdict, isPaused, stepStartedAt } = rollout;
    const secondsInStep = stepStartedAt ? (this.clock.now().getTime() - stepStartedAt.getTime()) / 1000 : 0;
    return { status, step, stages: stagesOf(rollout.strategy ?? rollout), loadedBy, keptVerdict, hasChampion, isPaused, secondsInStep };
  }
}
