import { Injectable } from '@nestjs/common';
import { AdmissionService } from '../admission/admission.service.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { loadTestFailed } from '../errors.js';
import type { VersionEntity } from '../versions/version.entity.js';
import type { EvidenceEntity } from './evidence.entity.js';
import type { LoadTestBody } from './evidence.schema.js';
import { EvidenceService } from './evidence.service.js';

/** Tries whether a version keeps up with what is promised of it. */
@Injectable()
export class LoadTestService {
  constructor(
    private readonly admission: AdmissionService,
    private readonly artifacts: ArtifactsService,
    private readonly evidence: EvidenceService,
  ) {}

  /** Runs a load test and puts what it found on record, good or bad. @throws `registry.load_test_failed` when the model does not run */
  async run(version: VersionEntity, load: LoadTestBody, recordedBy: string): Promise<EvidenceEntity> {
    const { modelName, version: number, artifactDigest, profileDigest, signature } = version;
    const inputNames = signature.inputs.map(({ name }) => name);
    const profile = profileDigest ? (await this.artifacts.verifyProfile(profileDigest, inputNames)).profile : undefined;
    const { faults, load: found } = await this.admission.loadTest(artifactDigest, signature, profile, load);
    if (!found) throw loadTestFailed({ model: modelName, version: number }, faults.join('; '));
    return this.evidence.record({ modelName, version: number, origin: 'measured', recordedBy }, { kind: 'load-test', ...found });
  }
}
