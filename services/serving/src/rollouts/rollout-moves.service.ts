import { rolloutAborted, rolloutAdvanced, rolloutCompleted, rolloutRolledBack, rolloutStarted, rolloutSteered } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../endpoints/endpoint.entity.js';
import { EndpointsService } from '../endpoints/endpoints.service.js';
import { Rollout } from './rollout.entity.js';
import { sharesOf } from './rollout-shares.js';
import { baselineOf, stagesOf } from './rollout-stages.js';
import { hasEnded, type RolloutMove } from './rollout-state.js';
import { RolloutStep } from './rollout-step.entity.js';

const quiet: ReadonlySet<RolloutMove['kind']> = new Set(['note-loaded', 'stay', 'keep-verdict', 'pause', 'unpause']);

/** Who asked for a move, when a person did. */
export interface Steering {
  readonly by: string;
  readonly reason: string;
}

/** Does what was decided about a rollout: its row, the routing, the event, the note of why. */
@Injectable()
export class RolloutMoves {
  constructor(
    private readonly transactions: Transactions,
    private readonly endpoints: EndpointsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Call inside the transaction that holds the lock of the endpoint. */
  async perform(endpoint: Endpoint, rollout: Rollout, move: RolloutMove, steering?: Steering): Promise<void> {
    const champion = endpoint.versions.find(({ role, version }) => role === 'champion' && version !== rollout.version);
    const wasWaiting = rollout.status === 'waiting';
    this.change(rollout, move, champion?.version);
    await this.transactions.run(async (manager) => {
      await manager.save(Rollout, rollout);
      if (move.kind !== 'note-loaded') await this.note(rollout, move);
      const { status, percent, step } = rollout;
      const strategy = rollout.strategy ?? rollout;
      const isShadow = stagesOf(strategy)[step]?.role === 'shadow';
      const baselinePercent = baselineOf(strategy);
      const standing = { status, percent, candidate: rollout, isShadow, ...(baselinePercent === undefined ? {} : { baselinePercent }) };
      const versions = sharesOf(champion, standing);
      const [rolloutId, rolloutStep] = hasEnded(status) ? [null, null] : [rollout.id, step];
      // a rollout that never got its turn has nothing to give back
      const isRouted = !quiet.has(move.kind) && !(wasWaiting && hasEnded(status));
      if (isRouted) await this.endpoints.route(endpoint, versions, rolloutId, rolloutStep);
      await this.publish(rollout, move, steering);
    });
  }

  private change(rollout: Rollout, move: RolloutMove, championVersion: number | undefined): void {
    switch (move.kind) {
      case 'load':
        rollout.status = 'loading';
        rollout.championVersion = championVersion ?? null;
        return;
      case 'note-loaded':
        rollout.loadedBy = [...new Set([...rollout.loadedBy, move.gatewayId])];
        return;
      case 'start':
      case 'advance':
        rollout.status = 'running';
        rollout.step = move.step;
        rollout.percent = move.percent;
        rollout.stepStartedAt = this.clock.now();
        rollout.keptVerdict = null;
        return;
      case 'keep-verdict':
        rollout.keptVerdict = move.verdict;
        return;
      case 'pause':
      case 'unpause':
        rollout.isPaused = move.kind === 'pause';
        return;
      case 'stay':
        return;
      case 'complete':
        this.end(rollout, 'completed', 100);
        return;
      case 'no-winner':
        this.end(rollout, 'no-winner', rollout.percent);
        return;
      case 'roll-back':
        rollout.isMarked = move.marks;
        this.end(rollout, 'rolled-back', rollout.percent);
        return;
      case 'abort':
        rollout.isMarked = move.marks;
        this.end(rollout, 'aborted', rollout.percent);
        return;
    }
  }

  private end(rollout: Rollout, status: Rollout['status'], percent: number): void {
    rollout.status = status;
    rollout.percent = percent;
    rollout.keptVerdict = null;
    rollout.isPaused = false;
    rollout.endedAt = this.clock.now();
  }

  private async note({ id, step, percent }: Rollout, move: RolloutMove): Promise<void> {
    const reasons = 'reasons' in move ? move.reasons : [];
    await this.transactions.manager.insert(RolloutStep, {
      rolloutId: id,
      move: move.kind,
      step,
      percent,
      reasons: [...reasons],
      at: this.clock.now(),
    });
  }

  private async publish(rollout: Rollout, move: RolloutMove, steering: Steering | undefined): Promise<void> {
    const {
      id: rolloutId,
      promotionId,
      modelName,
      environment,
      version,
      artifactDigest,
      championVersion,
      profileDigest,
      step,
      percent,
    } = rollout;
    const data = {
      rolloutId,
      promotionId,
      modelName,
      environment,
      version,
      artifactDigest,
      ...(championVersion === null ? {} : { championVersion }),
    };
    const reasons = 'reasons' in move ? [...move.reasons] : [];
    const chain = { ...(rollout.correlationId === null ? {} : { correlationId: rollout.correlationId }) };
    switch (move.kind) {
      case 'start': {
        // the promotion is why it starts; that a gateway has loaded the version is only when
        const cause = rollout.causedBy === null ? {} : { causationId: rollout.causedBy };
        const profile = profileDigest === null ? {} : { profileDigest };
        const strategy = rollout.strategy ?? { steps: rollout.steps };
        await this.outbox.publish({
          definition: rolloutStarted,
          ...chain,
          ...cause,
          data: { ...data, step, percent, ...profile, strategy },
        });
        return;
      }
      case 'advance':
        await this.outbox.publish({ definition: rolloutAdvanced, ...chain, data: { ...data, step, percent, reasons } });
        return;
      case 'complete':
        await this.outbox.publish({ definition: rolloutCompleted, ...chain, data: { ...data, reasons } });
        return;
      case 'roll-back':
        await this.outbox.publish({ definition: rolloutRolledBack, ...chain, data: { ...data, step, percent, reasons } });
        return;
      case 'no-winner':
        await this.outbox.publish({ definition: rolloutAborted, ...chain, data: { ...data, reasons, outcome: 'no-winner' } });
        return;
      case 'abort':
        await this.outbox.publish({
          definition: rolloutAborted,
          ...chain,
          data: { ...data, reasons, ...(move.marks ? { isMarked: true } : {}) },
        });
        return;
      case 'pause':
      case 'unpause': {
        const { by = 'unknown', reason = reasons.join('; ') } = steering ?? {};
        const action = move.kind === 'pause' ? 'paused' : 'resumed';
        await this.outbox.publish({ definition: rolloutSteered, ...chain, data: { ...data, step, percent, action, by, reason } });
        return;
      }
      default:
        return;
    }
  }
}
