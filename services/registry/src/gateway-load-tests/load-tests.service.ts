import { type LoadTestFinished, loadTestRequested, type ModelSignature, type ReferenceProfile } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { hasBatchAxis, sampleRequests, withRows } from '../admission/sample-rows.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { loadTestFailed, loadTestNotFound } from '../errors.js';
import { EvidenceService } from '../evidence/evidence.service.js';
import { SigningService } from '../signing/signing.service.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { LoadTestEntity } from './load-test.entity.js';
import type { GatewayLoadTest } from './load-tests.schema.js';

/** For loading the model, and for tests that are asked for at once: a gateway runs one after the other. */
const patienceMs = 120_000;

/** Has gateways try whether a version keeps up with what is promised of it. */
@Injectable()
export class GatewayLoadTestsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly artifacts: ArtifactsService,
    private readonly signing: SigningService,
    private readonly evidence: EvidenceService,
    private readonly clock: Clock,
  ) {}

  /** Asks a gateway; what it finds is on record when it is done. @throws `registry.load_test_failed` when a request cannot have so many rows */
  async ask(version: VersionEntity, plan: GatewayLoadTest, requestedBy: string): Promise<LoadTestEntity> {
    const { modelName, version: number, artifactDigest, profileDigest, signature } = version;
    const about = { model: modelName, version: number };
    if (plan.rowsPerRequest > 1 && !hasBatchAxis(signature)) throw loadTestFailed(about, 'it has no batch axis: a request has one row');
    const inputNames = signature.inputs.map(({ name }) => name);
    const profile = profileDigest ? (await this.artifacts.verifyProfile(profileDigest, inputNames)).profile : undefined;
    const body = Buffer.from(JSON.stringify(requestOf(signature, profile, plan.rowsPerRequest)));
    // on record like an upload that nothing needs: it is collected with them
    const { digest: requestDigest } = await this.artifacts.store(() => body, null, requestedBy);
    const { signature: signed } = await this.signing.verify(version);
    const now = this.clock.now();
    return this.transactions.run(async (manager) => {
      const test = manager.create(LoadTestEntity, {
        ...{ loadTestId: newId(), modelName, version: number, plan, requestedBy, status: 'requested', reasons: [], evidenceId: null },
        ...{ createdAt: now, expiresAt: new Date(now.getTime() + patienceMs + plan.seconds * 2_000), endedAt: null },
      });
      await manager.insert(LoadTestEntity, test);
      await this.outbox.publish({
        definition: loadTestRequested,
        data: {
          ...{ loadTestId: test.loadTestId, modelName, version: number, artifactDigest, signature, requestDigest, plan, requestedBy },
          ...{ artifactSizeBytes: Number(version.artifactSizeBytes), expiresAt: test.expiresAt.toISOString() },
          ...(signed ? { signed: { digest: signed.digest, publicKey: signed.publicKey } } : {}),
        },
      });
      return test;
    });
  }

  async get(loadTestId: string): Promise<LoadTestEntity> {
    const test = await this.transactions.manager.findOneBy(LoadTestEntity, { loadTestId });
    if (!test) throw loadTestNotFound({ loadTest: loadTestId });
    return test;
  }

  /** Puts on record what a gateway found. What comes after its time, from elsewhere or about another file is of no account. */
  async finish({
    loadTestId,
    gatewayId,
    environment,
    artifactDigest,
    outcome,
    reasons,
    measured,
  }: LoadTestFinished['data']): Promise<void> {
    await this.transactions.run(async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const test = await manager.findOne(LoadTestEntity, { where: { loadTestId }, lock });
      const now = this.clock.now();
      if (test?.status !== 'requested' || test.expiresAt <= now) return;
      const { modelName, version, requestedBy, plan } = test;
      if (plan.environment !== undefined && plan.environment !== environment) return;
      const [held] = (await manager.query('select artifact_digest from versions where model_name = $1 and version = $2', [
        modelName,
        version,
      ])) as {
        artifact_digest: string;
      }[];
      if (!measured || outcome === 'failed' || held?.artifact_digest !== artifactDigest) {
        const why = reasons.length > 0 ? reasons : ['the gateway did not measure this file'];
        await manager.update(LoadTestEntity, { loadTestId }, { status: 'failed', reasons: why, endedAt: now });
        return;
      }
      const { requestsPerSecond: offeredPerSecond, rowsPerRequest, seconds, connections } = plan;
      const asked = { offeredPerSecond, rowsPerRequest, seconds, connections };
      const source = { modelName, version, origin: 'measured', recordedBy: requestedBy } as const;
      const found = { ...measured, ...asked, kind: 'load-test', through: 'gateway', gatewayId, environment } as const;
      const { evidenceId } = await this.evidence.record(source, found);
      await manager.update(LoadTestEntity, { loadTestId }, { status: 'measured', evidenceId, endedAt: now });
    });
  }
}

/** A plausible request of so many rows as clients send it. */
function requestOf(signature: ModelSignature, profile: ReferenceProfile | undefined, rows: number): object {
  const sample = sampleRequests(signature, profile).at(-1)!;
  const datatypes = new Map(signature.inputs.map(({ name, datatype }) => [name, datatype]));
  const inputs = (hasBatchAxis(signature) ? withRows(sample, rows) : sample).map((tensor) => ({
    ...tensor,
    datatype: datatypes.get(tensor.name),
  }));
  return { inputs };
}
