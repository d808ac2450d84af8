import type { Environment, RoutedVersion } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { endpointNotFound } from '../errors.js';
import { Endpoint } from './endpoint.entity.js';
import { RoutingChange, routingChangeOf } from './routing-change.entity.js';
import { RoutingProjection } from './routing-projection.service.js';

/** What serves which model, now and at any time before. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly projection: RoutingProjection,
    private readonly clock: Clock,
  ) {}

  /** Locks the endpoint, so that changes of one model follow one another; makes it when the model is new. */
  async lock(modelName: string, environment: Environment): Promise<Endpoint> {
    return this.transactions.run(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(Endpoint)
        .values({ modelName, environment, revision: 0, rolloutId: null, versions: [] })
        .orIgnore()
        .execute();
      return manager.findOneOrFail(Endpoint, { where: { modelName, environment }, lock: { mode: 'pessimistic_write' } });
    });
  }

  /** Changes what the endpoint routes to; the routing table follows when the transaction commits. */
  async route(endpoint: Endpoint, versions: RoutedVersion[], rolloutId: string | null, rolloutStep: number | null = null): Promise<void> {
    const isSame =
      endpoint.rolloutId === rolloutId && endpoint.rolloutStep === rolloutStep && summary(endpoint.versions) === summary(versions);
    if (isSame) return;
    endpoint.versions = versions;
    endpoint.rolloutId = rolloutId;
    endpoint.rolloutStep = rolloutStep;
    await this.save(endpoint);
  }

  /** Keeps a changed endpoint as its next revision. Call with the endpoint locked. */
  async save(endpoint: Endpoint): Promise<void> {
    await this.transactions.run(async (manager) => {
      endpoint.revision += 1;
      await manager.save(Endpoint, endpoint);
      await manager.insert(RoutingChange, routingChangeOf(endpoint, this.clock.now()));
      this.transactions.afterCommit(() => void this.projection.project());
    });
  }

  /** The former champion may go: the alias points at its successor. */
  async releaseWaiting(modelName: string, environment: Environment, champion: number): Promise<void> {
    await this.transactions.run(async () => {
      const endpoint = await this.lock(modelName, environment);
      const current = endpoint.versions.find(({ role }) => role === 'champion');
      if (endpoint.rolloutId !== null || current?.version !== champion) return;
      const versions = endpoint.versions.filter(({ percent }) => percent > 0);
      await this.route(endpoint, versions, null);
    });
  }

  async list(): Promise<Endpoint[]> {
    return this.transactions.manager.find(Endpoint, { order: { modelName: 'ASC', environment: 'ASC' } });
  }

  /** What serves a model now; null for one that was never routed. */
  async find(modelName: string, environment: Environment): Promise<Endpoint | null> {
    return this.transactions.manager.findOneBy(Endpoint, { modelName, environment });
  }

  /** Which versions answered with which weight at a time. */
  async at(modelName: string, environment: Environment, at: Date): Promise<RoutingChange> {
    const change = await this.transactions.manager
      .createQueryBuilder(RoutingChange, 'change')
      .where('change.modelName = :modelName and change.environment = :environment and change.validFrom <= :at', {
        modelName,
        environment,
        at,
      })
      .orderBy('change.revision', 'DESC')
      .limit(1)
      .getOne();
    if (!change) throw endpointNotFound({ model: modelName, at: at.toISOString() });
    return change;
  }

  /** Changes of an endpoint, newest first. */
  async history(modelName: string, environment: Environment, limit: number, beforeRevision: number): Promise<RoutingChange[]> {
    return this.transactions.manager
      .createQueryBuilder(RoutingChange, 'change')
      .where('change.modelName = :modelName and change.environment = :environment', { modelName, environment })
      .andWhere('change.revision < :beforeRevision', { beforeRevision })
      .orderBy('change.revision', 'DESC')
      .limit(limit)
      .getMany();
  }
}

function summary(versions: readonly RoutedVersion[]): string {
  return versions
    .map(({ version, artifactDigest, percent, role, copies }) => `${version}/${artifactDigest}/${percent}/${role}/${copies}`)
    .join();
}
