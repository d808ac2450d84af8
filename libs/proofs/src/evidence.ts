/** How the payload of an entry is bound to its leaf: one salted commitment, or a tree over salted rows of a block. */
export type PayloadBinding =
  | { readonly commitment: string }
  | {
      readonly rowRoot: string;
      readonly rowCount: number;
      readonly producer?: string;
      readonly sequence?: number;
      readonly dropped?: number;
      /** Rows the producer answered and, as their endpoints want it, did not capture, since it started. */
      readonly leftOut?: number;
    };

/** What a leaf of the log says in the open. The leaf is SHA-256(0x00 ‖ canonical JSON of this). */
export interface EntryFacts {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly payload: PayloadBinding;
}

/** One disclosed row of a block. */
export interface EvidenceRow {
  readonly row: number;
  /** Null when erased. */
  readonly payload: unknown;
  /** Hex; null when erased. */
  readonly salt: string | null;
  /** Hex hashes from the row to the root in the entry's facts. */
  readonly proof: readonly string[];
}

/** One entry of the log with what is needed to check it. */
export interface EvidenceEntry {
  readonly index: number;
  readonly facts: EntryFacts;
  /** Null when erased, and for blocks, which disclose rows instead. */
  readonly payload: unknown;
  readonly salt: string | null;
  readonly rows?: readonly EvidenceRow[];
  /** Hex hashes from the leaf to the root of the checkpoint. */
  readonly proof: readonly string[];
}

/** One thing that was looked for. */
export interface EvidenceItem {
  readonly what: string;
  readonly status: 'found' | 'missing' | 'not-expected';
  /** Indexes of the entries that show it. */
  readonly entries: readonly number[];
  readonly note?: string;
}

/** Blocks a producer counted that the log does not hold. */
export interface BlockGap {
  readonly producer: string;
  readonly from: number;
  readonly to: number;
}

/** What the log's keeper states about what is there and what is not. */
export interface CompletenessStatement {
  /** Entries of the log at the checkpoint, that is, how far was looked. */
  readonly treeSize: number;
  readonly items: readonly EvidenceItem[];
  readonly gaps: readonly BlockGap[];
  readonly droppedPredictions: number;
}

/** Everything an auditor needs to check one question without asking us again. */
export interface EvidenceBundle {
  readonly format: 'bascule.evidence/v1';
  readonly question: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** Signed note over the head of the log. */
  readonly checkpoint: string;
  readonly entries: readonly EvidenceEntry[];
  readonly completeness: CompletenessStatement;
  /** Signed note over the digest of all the above, so that the completeness statement cannot be changed or denied. */
  readonly seal: string;
}

export type UnsealedBundle = Omit<EvidenceBundle, 'seal'>;
