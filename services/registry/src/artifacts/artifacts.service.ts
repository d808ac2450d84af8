import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { type Credential, likePatterns } from '@bascule/access';
import { type EvaluationReport, evaluationReport, type ReferenceProfile, referenceProfile } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import { ObjectStore, sha256Hex } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { artifactEmpty, artifactNotFound, digestMismatch } from '../errors.js';
import { ArtifactEntity } from './artifact.entity.js';
import { KnownInspections } from './known-inspections.js';
import { lockArtifact } from './lock-artifact.js';
import { graphOf, type OnnxGraph } from './onnx-graph.js';
import { artifactFaults } from './onnx-outline.js';

const mostKnown = 500;

/** What looking at the stored bytes of an artifact found. */
export interface Inspection {
  readonly faults: readonly string[];
  /** There when nothing is wrong. */
  readonly graph?: OnnxGraph;
}

/** Model files: records here, bytes in the object store. */
@Injectable()
export class ArtifactsService {
  private readonly known = new KnownInspections<Inspection>(mostKnown);

  constructor(
    private readonly transactions: Transactions,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** Stores an upload under its digest; the same bytes again are the same artifact. */
  async upload(
    bytes: Buffer | undefined,
    announced: string | undefined,
    credential: Credential,
  ): Promise<{ digest: string; sizeBytes: number }> {
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) throw artifactEmpty();
    const arrived = sha256Hex(bytes);
    if (announced !== undefined && announced !== arrived) throw digestMismatch({ announced, arrived });
    return this.store(() => bytes, null, credential.identity);
  }

  /** Stores content under its digest and takes it on record. @param announced other bytes are refused */
  async store(
    content: () => Uint8Array | Readable,
    announced: string | null,
    uploadedBy: string,
  ): Promise<{ digest: string; sizeBytes: number }> {
    const wasThere = await this.objects.has(announced ?? (await digestOf(content())));
    const stored = await this.objects.put(content());
    const { digest, sizeBytes } = stored;
    // what was put under its own name and is on nobody's record is collected by nobody, but it also harms nobody
    if (announced !== null && announced !== digest) throw digestMismatch({ announced, arrived: digest });
    await this.transactions.run(async (manager) => {
      await lockArtifact(manager, digest);
      const known = await manager.findOneBy(ArtifactEntity, { digest });
      const origin = { wasThere: known?.wasThere ?? wasThere, uploadedBy };
      const values = { digest, sizeBytes: String(sizeBytes), ...origin, createdAt: this.clock.now() };
      // uploaded again, it is young again
      await manager.upsert(ArtifactEntity, values, ['digest']);
      // collected between the two: the bytes are still at hand
      if (!(await this.objects.has(digest))) await this.objects.put(content());
    });
    return stored;
  }

  /** The verified bytes of an artifact the credential may see: its own upload, or one of a model it may touch. */
  async download(digest: string, credential: Credential): Promise<Buffer> {
    await this.requireVisible(digest, credential);
    return this.objects.get(digest);
  }

  /** Throws `registry.artifact_not_found` unless the artifact is there and the credential may see it. */
  async requireVisible(digest: string, credential: Credential): Promise<void> {
    const [row] = (await this.transactions.manager.query(
      `select 1 from artifacts where digest = $1 and uploaded_by = $2
       union all select 1 from versions where artifact_digest = $1 and model_name like any($3) limit 1`,
      [digest, credential.identity, likePatterns(credential.models)],
    )) as unknown[];
    if (!row || !(await this.objects.has(digest))) throw artifactNotFound({ digest });
  }

  /** Reads the artifact again, compares its digest and size and looks inside. */
  async inspect(digest: string, sizeBytes?: number): Promise<Inspection> {
    if (!(await this.objects.has(digest))) return { faults: ['the artifact is not in the object store'] };
    const bytes = await this.readVerified(digest);
    if (!bytes) return { faults: ['the stored bytes of the artifact do not match its digest'] };
    if (sizeBytes !== undefined && bytes.length !== sizeBytes) {
      return { faults: [`the artifact has ${bytes.length} bytes, not ${sizeBytes}`] };
    }
    const faults = artifactFaults(bytes);
    if (faults.length > 0) return { faults };
    const graph = graphOf(bytes);
    return graph ? { faults, graph } : { faults: ['the graph of the artifact cannot be read'] };
  }

  /** As `inspect`, but reads the bytes only when they were not looked at since they were last written to: for who asks often. */
  async inspectKnown(digest: string, sizeBytes: number): Promise<Inspection> {
    const mark = await this.objects.mark(digest);
    return this.known.find(`${digest}/${sizeBytes}/${mark}`, () => this.inspect(digest, sizeBytes));
  }

  /** Checks a reference profile: present, whole and about inputs the model has. */
  async verifyProfile(digest: string, inputNames: readonly string[]): Promise<{ faults: string[]; profile?: ReferenceProfile }> {
    if (!(await this.objects.has(digest))) return { faults: ['the reference profile is not in the object store'] };
    const bytes = await this.readVerified(digest);
    if (!bytes) return { faults: ['the stored bytes of the reference profile do not match its digest'] };
    const parsed = referenceProfile.safeParse(jsonOf(bytes));
    if (!parsed.success) return { faults: ['the reference profile cannot be read'] };
    const strangers = parsed.data.features.map(({ name }) => name).filter((name) => !inputNames.includes(name));
    return strangers.length === 0
      ? { faults: [], profile: parsed.data }
      : { faults: [`the reference profile describes inputs the model does not have: ${strangers.join(', ')}`] };
  }

  /** Reads the evaluation report of a run. */
  async readReport(digest: string): Promise<{ fault?: string; report?: EvaluationReport }> {
    if (!(await this.objects.has(digest))) return { fault: 'the evaluation report is not in the object store' };
    const bytes = await this.readVerified(digest);
    const parsed = bytes && evaluationReport.safeParse(jsonOf(bytes));
    if (!parsed) return { fault: 'the stored bytes of the evaluation report do not match its digest' };
    return parsed.success ? { report: parsed.data } : { fault: 'the evaluation report cannot be read' };
  }

  // a mismatch is a finding; a store that does not answer is an outage and must be tried again
  private async readVerified(digest: string): Promise<Buffer | undefined> {
    try {
      return await this.objects.get(digest);
    } catch (error) {
      if ((error as { code?: string }).code === 'storage.object_corrupt') return undefined;
      throw error;
    }
  }
}

async function digestOf(content: Uint8Array | Readable): Promise<string> {
  if (content instanceof Uint8Array) return sha256Hex(content);
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
