/** What is known of a server before a start uses it. */
export interface ServerFacts {
  /** The installation it is marked with. */
  owner: string | undefined;
  /** Whether data of Bascule is in it. */
  isUsed: boolean;
}

export interface OwnFacts {
  installation: string;
  /** Whether this data directory was in use with some servers before. */
  isUsed: boolean;
}

export type Claim = 'ours' | 'free' | 'foreign' | 'other-server';

/** Whether a server of the user's belongs to this data directory: the two hold parts of one whole. */
export function decideClaim(server: ServerFacts, own: OwnFacts): Claim {
  if (server.owner !== undefined) return server.owner === own.installation ? 'ours' : 'foreign';
  if (server.isUsed && !own.isUsed) return 'foreign';
  if (!server.isUsed && own.isUsed) return 'other-server';
  return 'free'; // both are new, or both are from before servers were marked
}
