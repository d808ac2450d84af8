import { type CaptureSetting, type Environment, endpointChanged, type RoutedVersion, type VersionArchived } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { endpointNotFound, shadowRefused } from '../errors.js';
import { Endpoint } from './endpoint.entity.js';
import { EndpointsService } from './endpoints.service.js';
import { KnownVersionsService } from './known-versions.service.js';

/** Which endpoint a person changes, who and why. */
export interface Change {
  readonly modelName: string;
  readonly environment: Environment;
  readonly by: string;
  readonly reason: string;
}

/** What people set about an endpoint: how it captures, and which version sees copies of its traffic. */
@Injectable()
export class EndpointSettingsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly endpoints: EndpointsService,
    private readonly versions: KnownVersionsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async find(modelName: string, environment: Environment): Promise<Endpoint> {
    const endpoint = await this.transactions.manager.findOneBy(Endpoint, { modelName, environment });
    if (!endpoint || endpoint.revision === 0) throw endpointNotFound({ model: modelName, environment });
    return endpoint;
  }

  /** Sets what is captured from now on; setting what is set already changes and tells nothing. */
  async setCapture(change: Change, capture: CaptureSetting): Promise<Endpoint> {
    return this.transactions.run(async () => {
      const endpoint = await this.lockExisting(change);
      const present = endpoint.capture ?? { level: 'all' };
      if (present.level === capture.level && present.samplePercent === capture.samplePercent) return endpoint;
      endpoint.capture = capture;
      endpoint.captureSet = { by: change.by, reason: change.reason, at: this.clock.now().toISOString() };
      await this.endpoints.save(endpoint);
      await this.tell(change, { capture });
      return endpoint;
    });
  }

  /** Lets a registered version see copies of so many percent of the champion's requests; null for none. */
  async setShadow(change: Change, wanted: { version: number; percent: number } | null): Promise<Endpoint> {
    return this.transactions.run(async () => {
      const endpoint = await this.lockExisting(change);
      const present = endpoint.shadow;
      if (present?.version === wanted?.version && present?.percent === wanted?.percent) return endpoint;
      const shadow = wanted ? await this.shadowOf(endpoint, wanted) : null;
      endpoint.shadow = shadow;
      await this.endpoints.save(endpoint);
      const { version, artifactDigest, percent } = shadow ?? {};
      await this.tell(change, {
        shadow:
          version === undefined || artifactDigest === undefined || percent === undefined ? null : { version, artifactDigest, percent },
      });
      return endpoint;
    });
  }

  /** An archived version is no shadow any more. */
  async dropShadow({ modelName, version, archivedBy, reason }: VersionArchived['data']): Promise<void> {
    const shadowed = await this.transactions.manager.findBy(Endpoint, { modelName });
    for (const { environment, shadow } of shadowed) {
      if (shadow?.version !== version) continue;
      await this.setShadow({ modelName, environment, by: archivedBy, reason: `version ${version} was archived: ${reason}` }, null);
    }
  }

  private async lockExisting({ modelName, environment }: Change): Promise<Endpoint> {
    await this.find(modelName, environment);
    return this.endpoints.lock(modelName, environment);
  }

  private async shadowOf(
    { modelName, versions }: Endpoint,
    { version, percent }: { version: number; percent: number },
  ): Promise<RoutedVersion> {
    const known = await this.versions.find(modelName, version);
    const { artifactDigest, artifactSizeBytes, signature, isArchived } = known ?? {};
    if (!artifactDigest || !artifactSizeBytes || !signature)
      throw shadowRefused({ model: modelName, version }, `version ${version} of ${modelName} is not registered`);
    if (isArchived) throw shadowRefused({ model: modelName, version }, `version ${version} of ${modelName} is archived`);
    if (versions.some((routed) => routed.version === version && routed.percent > 0))
      throw shadowRefused({ model: modelName, version }, `version ${version} of ${modelName} answers already`);
    return { version, artifactDigest, artifactSizeBytes, signature, percent, role: 'shadow' };
  }

  private async tell(
    { modelName, environment, by, reason }: Change,
    what: { capture: CaptureSetting } | { shadow: { version: number; artifactDigest: string; percent: number } | null },
  ): Promise<void> {
    await this.outbox.publish({ definition: endpointChanged, data: { modelName, environment, changedBy: by, reason, ...what } });
  }
}
