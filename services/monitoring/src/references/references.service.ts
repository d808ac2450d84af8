import { type ReferenceProfile, referenceProfile, type VersionRegistered } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ObjectStore } from '@bascule/storage';
import { Injectable } from '@nestjs/common';
import { profileUnreadable } from '../errors.js';

@Injectable()
export class ReferencesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly objects: ObjectStore,
  ) {}

  /** Keeps what normal looks like for a new version; one without a profile is watched, not judged. */
  async register({ modelName, version, profileDigest }: VersionRegistered['data'], at: string): Promise<void> {
    const profile = profileDigest ? await this.load(profileDigest) : null;
    await this.transactions.manager.query(
      `insert into model_versions (model_name, model_version, profile_digest, profile, registered_at) values ($1, $2, $3, $4, $5)
       on conflict (model_name, model_version) do nothing`,
      [modelName, version, profileDigest ?? null, profile && JSON.stringify(profile), at],
    );
  }

  async find(modelName: string, version: number): Promise<ReferenceProfile | undefined> {
    const [row] = (await this.transactions.manager.query(
      'select profile from model_versions where model_name = $1 and model_version = $2',
      [modelName, version],
    )) as { profile: ReferenceProfile | null }[];
    return row?.profile ?? undefined;
  }

  /** The version that serves in production, if one does. */
  async findProduction(modelName: string): Promise<number | undefined> {
    const [row] = (await this.transactions.manager.query(
      'select production_version as version from monitored_models where model_name = $1',
      [modelName],
    )) as { version: number | null }[];
    return row?.version ?? undefined;
  }

  /** Remembers which version serves in production; an older move that arrives late changes nothing. */
  async setProduction(modelName: string, version: number, movedAt: string): Promise<void> {
    await this.transactions.manager.query(
      `insert into monitored_models (model_name, production_version, production_since) values ($1, $2, $3)
       on conflict (model_name) do update set production_version = excluded.production_version, production_since = excluded.production_since
       where monitored_models.production_since is null or monitored_models.production_since <= excluded.production_since`,
      [modelName, version, movedAt],
    );
  }

  private async load(digest: string): Promise<ReferenceProfile> {
    const bytes = await this.objects.get(digest);
    try {
      return referenceProfile.parse(JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      throw profileUnreadable({ digest }, error instanceof Error ? error.message : undefined);
    }
  }
}
