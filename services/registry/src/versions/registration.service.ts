import type { Credential } from '@bascule/access';
import { type RunSucceeded, versionRefused, versionRegistered } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, type ProblemItem } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import type { Admission, AdmissionVerdict } from '../admission/admission.js';
import { AdmissionService } from '../admission/admission.service.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { lockArtifact } from '../artifacts/lock-artifact.js';
import { artifactNotFound, signatureMismatch, versionRefused as uploadRefused } from '../errors.js';
import { EvidenceService } from '../evidence/evidence.service.js';
import { evidenceOfReport } from '../evidence/run-evidence.js';
import { ModelsService } from '../models/models.service.js';
import { SigningService } from '../signing/signing.service.js';
import { graphDifferences } from './graph-differences.js';
import { metricFaults } from './metric-ranges.js';
import { signatureFaults } from './signature.js';
import { type Comparison, VersionEntity } from './version.entity.js';
import type { UploadVersion } from './versions.schema.js';
import { VersionsService } from './versions.service.js';

type NewVersion = Omit<VersionEntity, 'version' | 'sequence' | 'stage' | 'createdAt' | 'archivedAt' | 'archivedBy' | 'archiveReason'>;

/** Turns runs and uploads into versions, or refuses them with reasons. */
@Injectable()
export class RegistrationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly models: ModelsService,
    private readonly versions: VersionsService,
    private readonly artifacts: ArtifactsService,
    private readonly admission: AdmissionService,
    private readonly objects: ObjectStore,
    private readonly signing: SigningService,
    private readonly evidence: EvidenceService,
    private readonly clock: Clock,
  ) {}

  /** Registers what a run made; the same run twice is one version. */
  async registerRun(run: RunSucceeded['data']): Promise<void> {
    if (await this.versions.findByRun(run.runId)) return;
    const { modelName, runId, artifactDigest } = run;
    const { faults, mismatches, admission } = await this.examine(run, run.artifactSizeBytes);
    const { report, fault } = run.reportDigest ? await this.artifacts.readReport(run.reportDigest) : {};
    const reasons = [
      ...faults,
      ...(fault ? [{ message: fault }] : []),
      ...mismatches,
      ...metricFaults(run.metrics),
      ...metricFaults(run.champion?.metrics ?? {}),
    ].map(({ message }) => message);
    await this.transactions.run(async () => {
      if (reasons.length > 0) {
        await this.outbox.publish({ definition: versionRefused, data: { modelName, runId, artifactDigest, reasons } });
        return;
      }
      const version = await this.save(
        { ...run, title: modelName },
        {
          modelName,
          runId,
          registeredBy: `training:${run.pipelineName}`,
          artifactDigest,
          artifactSizeBytes: String(run.artifactSizeBytes),
          profileDigest: run.profileDigest,
          datasetName: run.datasetName,
          datasetVersion: run.datasetVersion,
          evaluationDatasetVersion: run.evaluationDatasetVersion,
          signature: run.signature,
          metrics: run.metrics,
          comparison: comparisonOf(run),
          reportDigest: run.reportDigest ?? null,
          provenance: run.provenanceDigest && run.provenanceKey ? { digest: run.provenanceDigest, publicKey: run.provenanceKey } : null,
          params: run.params,
          trainedOn: run.trainedOn,
          evaluatedOn: run.evaluatedOn,
          source: 'run',
          admission,
          description: '',
          tags: {},
        },
      );
      const source = { modelName, version: version.version, origin: 'measured', recordedBy: version.registeredBy } as const;
      for (const body of report ? evidenceOfReport(report) : []) await this.evidence.record(source, body);
    });
  }

  /** Registers an artifact that was made elsewhere and uploaded before. */
  async registerUpload(modelName: string, body: UploadVersion, credential: Credential): Promise<VersionEntity> {
    const { artifactDigest } = body;
    // a digest alone opens nothing: who registers foreign bytes could read them under the new name
    await this.artifacts.requireVisible(artifactDigest, credential);
    const { faults, mismatches, admission } = await this.examine(body);
    const errors = [...faults, ...mismatches];
    if (errors.length > 0) {
      const reasons = errors.map(({ message }) => message);
      const data = { modelName, artifactDigest, reasons };
      // the answer is an error and rolls the request back; that it was refused stays on record
      await this.transactions.runDetached(() => this.outbox.publish({ definition: versionRefused, data }));
      throw (faults.length > 0 ? uploadRefused : signatureMismatch)({ model: modelName, errors }, reasons.join('; '));
    }
    const sizeBytes = (await this.objects.get(artifactDigest)).length;
    return this.transactions.run(() =>
      this.save(
        { title: body.title ?? modelName },
        {
          modelName,
          runId: null,
          registeredBy: credential.identity,
          artifactDigest,
          artifactSizeBytes: String(sizeBytes),
          profileDigest: body.profileDigest ?? null,
          reportDigest: null,
          provenance: null,
          datasetName: body.datasetName ?? null,
          datasetVersion: body.datasetVersion ?? null,
          evaluationDatasetVersion: null,
          signature: body.signature,
          metrics: body.metrics,
          comparison: null,
          params: body.params,
          trainedOn: null,
          evaluatedOn: null,
          source: body.source,
          admission,
          description: body.description,
          tags: body.tags,
        },
      ),
    );
  }

  private async examine(
    version: Pick<UploadVersion, 'artifactDigest' | 'profileDigest' | 'signature' | 'samples'>,
    sizeBytes?: number,
  ): Promise<{ faults: ProblemItem[]; mismatches: ProblemItem[]; admission: Admission | null }> {
    const { artifactDigest, profileDigest, signature } = version;
    const inputNames = signature.inputs.map(({ name }) => name);
    const { faults, graph } = await this.artifacts.inspect(artifactDigest, sizeBytes);
    const profile = profileDigest ? await this.artifacts.verifyProfile(profileDigest, inputNames) : { faults: [] };
    const found = [...signatureFaults(signature), ...faults, ...profile.faults];
    const mismatches = graph ? graphDifferences(signature, graph) : [];
    // only what could be served is worth a process
    const verdict: AdmissionVerdict =
      found.length + mismatches.length > 0
        ? { faults: [] }
        : await this.admission.admit(artifactDigest, signature, profile.profile, version.samples);
    return {
      faults: [...found, ...verdict.faults].map((message) => ({ path: '', message })),
      mismatches,
      admission: verdict.admission ?? null,
    };
  }

  private async save({ title }: { title: string }, values: NewVersion): Promise<VersionEntity> {
    const manager = this.transactions.manager;
    await lockArtifact(manager, values.artifactDigest);
    if (!(await this.objects.has(values.artifactDigest))) throw artifactNotFound({ digest: values.artifactDigest });
    const number = await this.models.takeNextVersion(values.modelName, title);
    const version = manager.create(VersionEntity, {
      ...values,
      version: number,
      stage: 'candidate',
      createdAt: this.clock.now(),
      archivedAt: null,
      archivedBy: null,
      archiveReason: null,
    });
    await manager.insert(VersionEntity, version);
    await this.signing.sign(version, version.registeredBy);
    await this.outbox.publish({ definition: versionRegistered, data: registeredData(version) });
    return version;
  }
}

function comparisonOf({ champion }: RunSucceeded['data']): Comparison | null {
  if (!champion) return null;
  const { version, metrics, comparison } = champion;
  return { version, metrics, ...(comparison ? { paired: comparison } : {}) };
}

function registeredData(version: VersionEntity) {
  return {
    modelName: version.modelName,
    version: version.version,
    registeredBy: version.registeredBy,
    artifactDigest: version.artifactDigest,
    artifactSizeBytes: Number(version.artifactSizeBytes),
    signature: version.signature,
    metrics: version.metrics,
    source: version.source,
    ...(version.runId ? { runId: version.runId } : {}),
    ...(version.profileDigest ? { profileDigest: version.profileDigest } : {}),
    ...(version.datasetName ? { datasetName: version.datasetName } : {}),
    ...(version.datasetVersion ? { datasetVersion: version.datasetVersion } : {}),
  };
}
