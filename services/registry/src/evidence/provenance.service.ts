import { isMadeAs, verifyProvenance } from '@bascule/proofs';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { ProvenanceKeysService } from '../provenance-keys/provenance-keys.service.js';
import type { VersionEntity } from '../versions/version.entity.js';

/** Checks the signed statement of what a version was made from. */
@Injectable()
export class ProvenanceService {
  constructor(
    private readonly objects: ObjectStore,
    private readonly keys: ProvenanceKeysService,
  ) {}

  /** What is wrong with it; empty when a key that is trusted signed that this file was made from this dataset version. */
  async faultsOf({ provenance, artifactDigest, datasetVersion }: VersionEntity): Promise<string[]> {
    if (!provenance) return ['nobody signed what it was made from'];
    const envelope = await this.objects.get(provenance.digest).catch((error: unknown) => {
      const { code } = error as { code?: string };
      if (code === 'storage.object_corrupt' || code === 'storage.object_not_found') return undefined;
      throw error;
    });
    if (!envelope) return ['the statement of what it was made from is not in the object store, or was changed there'];
    const verdict = verifyProvenance(envelope.toString('utf8'), await this.keys.trusted());
    if (!verdict.ok) return [`the statement of what it was made from: ${verdict.reason}`];
    const faults: string[] = [];
    if (!isMadeAs(verdict.provenance, artifactDigest)) faults.push('the statement speaks of another file');
    const { dependencies } = verdict.provenance;
    if (!dependencies.some(({ digest }) => digest === datasetVersion))
      faults.push(`the statement does not name dataset version ${datasetVersion}`);
    return faults;
  }
}
