import { type DatasetProfile, datasetProfile } from '@bascule/contracts';
import type { ObjectStore } from '@bascule/storage';
import type { Job } from './job.schema.js';
import { profileNotes } from './profile-notes.js';

/** What the profiles that a job names say of its data. One that cannot be read is said so: it is no reason not to train. */
export async function notesOfProfiles({ profiles, features }: Job, objects: ObjectStore): Promise<string[]> {
  if (!profiles) return [];
  try {
    const profile = await read(objects, profiles.data);
    const former = profiles.former === undefined ? undefined : await read(objects, profiles.former);
    const names = features.map(({ name }) => name);
    return profileNotes(profile, names, former);
  } catch {
    return ['a profile of the data could not be read: what it would say of them is not known'];
  }
}

async function read(objects: ObjectStore, digest: string): Promise<DatasetProfile> {
  return datasetProfile.parse(JSON.parse((await objects.get(digest)).toString('utf8')));
}
