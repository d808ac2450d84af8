import { createPublicKey } from 'node:crypto';
import { versionSigned } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, newId } from '@bascule/platform';
import { modelFileFaults, type SignedFile, signModel, verifyModelBundle } from '@bascule/proofs';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { signatureNotFound } from '../errors.js';
import type { VersionEntity } from '../versions/version.entity.js';
import { SigningKeysService } from './signing-keys.service.js';
import { VersionSignatureEntity } from './version-signature.entity.js';

type SignedVersion = Pick<VersionEntity, 'modelName' | 'version' | 'artifactDigest' | 'profileDigest'>;

/** What checking the signature of a version found. */
export interface SignatureFinding {
  /** Empty when the signature is good. */
  readonly faults: string[];
  /** There when the signature is good. */
  readonly signature?: { readonly digest: string; readonly keyId: string; readonly publicKey: string };
}

/** Signs versions by OpenSSF Model Signing and checks what was signed. */
@Injectable()
export class SigningService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly keys: SigningKeysService,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  /** Signs a version with the key of now. */
  async sign(version: SignedVersion, signedBy: string): Promise<VersionSignatureEntity> {
    return this.transactions.run(async (manager) => {
      const { modelName, version: number } = version;
      const { keyId, privateKey } = await this.keys.active();
      const bundle = signModel(`${modelName}/${number}`, filesOf(version), privateKey);
      const { digest } = await this.objects.put(Buffer.from(bundle));
      const signature = {
        signatureId: newId(),
        modelName,
        version: number,
        keyId,
        bundleDigest: digest,
        signedBy,
        createdAt: this.clock.now(),
      };
      await manager.insert(VersionSignatureEntity, signature);
      await this.outbox.publish({
        definition: versionSigned,
        data: { modelName, version: number, keyId, signatureDigest: digest, signedBy },
      });
      return manager.create(VersionSignatureEntity, signature);
    });
  }

  /** The last signature of a version; undefined for a version from before there were any. */
  async find(modelName: string, version: number): Promise<VersionSignatureEntity | undefined> {
    const order = { signatureId: 'DESC' } as const;
    return (await this.transactions.manager.findOne(VersionSignatureEntity, { where: { modelName, version }, order })) ?? undefined;
  }

  /** The bundle of the last signature, as `model.sig` of OpenSSF Model Signing. */
  async bundle(modelName: string, version: number): Promise<string> {
    const signature = await this.find(modelName, version);
    if (!signature) throw signatureNotFound({ model: modelName, version });
    return (await this.objects.get(signature.bundleDigest)).toString('utf8');
  }

  /** Checks the last signature of a version: key, signature and files. */
  async verify(version: SignedVersion): Promise<SignatureFinding> {
    const signature = await this.find(version.modelName, version.version);
    if (!signature) return { faults: ['the version is not signed'] };
    const key = await this.keys.find(signature.keyId);
    if (!key) return { faults: [`the key ${signature.keyId} is not known`] };
    if (key.revokedAt) return { faults: [`the key ${signature.keyId} was revoked: ${key.reason}`] };
    const bundle = await this.objects.get(signature.bundleDigest).catch((error: unknown) => {
      const { code } = error as { code?: string };
      if (code === 'storage.object_corrupt' || code === 'storage.object_not_found') return undefined;
      throw error;
    });
    if (!bundle) return { faults: ['the signature is not in the object store, or was changed there'] };
    const verdict = verifyModelBundle(bundle.toString('utf8'), [createPublicKey(key.publicKey)]);
    if (!verdict.ok) return { faults: [verdict.reason] };
    const faults = modelFileFaults(verdict.statement, filesOf(version));
    if (faults.length > 0) return { faults };
    return { faults, signature: { digest: signature.bundleDigest, keyId: key.keyId, publicKey: key.publicKey } };
  }
}

/** The files of a version under the names that the signature gives them. */
function filesOf({ artifactDigest, profileDigest }: SignedVersion): SignedFile[] {
  const model = { name: 'model.onnx', digest: artifactDigest };
  return profileDigest ? [model, { name: 'reference-profile.json', digest: profileDigest }] : [model];
}
