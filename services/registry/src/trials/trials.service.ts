import type { Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import { AdmissionService } from '../admission/admission.service.js';
import { inspectFile } from '../admission/file-inspection.js';
import { ArtifactsService } from '../artifacts/artifacts.service.js';
import { graphOf, type OnnxGraph } from '../artifacts/onnx-graph.js';
import { artifactNotAnswering } from '../errors.js';
import { signatureFaults } from '../versions/signature.js';
import type { OutlineView, TrialBody, TrialView } from './trials.schema.js';

/** Looks at model files that nobody has registered yet. */
@Injectable()
export class TrialsService {
  constructor(
    private readonly artifacts: ArtifactsService,
    private readonly admission: AdmissionService,
  ) {}

  /** What the file takes and answers, as far as it can be read. */
  async outline(digest: string, credential: Credential): Promise<OutlineView> {
    const bytes = await this.artifacts.download(digest, credential);
    const { faults, facts } = inspectFile(bytes);
    const { inputs, outputs } = graphOf(bytes) ?? { inputs: [], outputs: [] };
    const described = { inputs: inputs.map(shown), outputs: outputs.map(shown), operators: facts?.operators ?? [] };
    return { digest, sizeBytes: bytes.length, faults, ...described };
  }

  /** Runs the model once. @throws `registry.artifact_not_answering` with what is wrong */
  async try(digest: string, { signature, inputs }: TrialBody, credential: Credential): Promise<TrialView> {
    const bytes = await this.artifacts.download(digest, credential);
    const unfit = [...signatureFaults(signature), ...inspectFile(bytes).faults];
    const { faults, answers } = unfit.length > 0 ? { faults: unfit } : await this.admission.tryOut(digest, signature, inputs);
    const [outputs] = answers ?? [];
    if (!outputs) throw artifactNotAnswering({ digest }, faults.join('; '));
    return { outputs: outputs.map(({ name, shape, data }) => ({ name, shape: [...shape], data: [...data] })) };
  }
}

function shown({ name, datatype, shape }: OnnxGraph['inputs'][number]): OutlineView['inputs'][number] {
  return { name, ...(datatype ? { datatype } : {}), ...(shape ? { shape: [...shape] } : {}) };
}
