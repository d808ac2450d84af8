import type { KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { bytesOf, type Envelope, isSignedByOneOf, signEnvelope } from './dsse.js';
import { modelKeyId } from './model-signature.js';

// An in-toto statement with the SLSA provenance predicate, in a DSSE envelope: what a file was made from, by what, how.
export const provenancePayloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
const predicateType = 'https://slsa.dev/provenance/v1';

/** Something named by its SHA-256. */
export interface Resource {
  readonly name: string;
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, unknown>> | undefined;
}

/** How files came to be. */
export interface Provenance {
  /** Files that were made. */
  readonly subjects: readonly Resource[];
  /** A URI that says how the parameters are to be read. */
  readonly buildType: string;
  /** What somebody asked for. */
  readonly externalParameters: Readonly<Record<string, unknown>>;
  /** What the builder added: seeds, environment. */
  readonly internalParameters: Readonly<Record<string, unknown>>;
  /** What went in. */
  readonly dependencies: readonly Resource[];
  readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
  readonly invocationId: string;
  readonly startedOn: string;
  readonly finishedOn: string;
  /** What came out beside the files. */
  readonly byproducts: readonly Resource[];
}

export type ProvenanceVerdict = { readonly ok: true; readonly provenance: Provenance } | { readonly ok: false; readonly reason: string };

/** Signs how files came to be. @returns the envelope as JSON text */
export function signProvenance(provenance: Provenance, privateKey: KeyObject): string {
  const statement = {
    _type: statementType,
    subject: provenance.subjects.map(writeResource),
    predicateType,
    predicate: {
      buildDefinition: {
        buildType: provenance.buildType,
        externalParameters: provenance.externalParameters,
        internalParameters: provenance.internalParameters,
        resolvedDependencies: provenance.dependencies.map(writeResource),
      },
      runDetails: {
        builder: provenance.builder,
        metadata: { invocationId: provenance.invocationId, startedOn: provenance.startedOn, finishedOn: provenance.finishedOn },
        byproducts: provenance.byproducts.map(writeResource),
      },
    },
  };
  return canonicalJson(signEnvelope(provenancePayloadType, Buffer.from(canonicalJson(statement)), privateKey, modelKeyId(privateKey)));
}

/** Verifies an envelope against the keys that are trusted, and reads what it says. */
export function verifyProvenance(envelope: string, trustedKeys: readonly KeyObject[]): ProvenanceVerdict {
  const parsed = jsonOf(envelope) as Partial<Envelope> | undefined;
  if (!parsed) return refused('the envelope is no JSON');
  if (parsed.payloadType !== provenancePayloadType || typeof parsed.payload !== 'string') {
    return refused(`the payload is not ${provenancePayloadType}`);
  }
  const signatures: readonly ({ sig?: unknown } | null)[] = Array.isArray(parsed.signatures) ? parsed.signatures : [];
  const payload = bytesOf(parsed.payload);
  if (!payload) return refused('the payload is not base64');
  const isSigned = signatures.some((entry) => {
    const signature = typeof entry?.sig === 'string' ? bytesOf(entry.sig) : undefined;
    return signature !== undefined && isSignedByOneOf(trustedKeys, provenancePayloadType, payload, signature);
  });
  return isSigned ? provenanceOf(payload) : refused('no trusted key made a signature');
}

/** Whether a file is one that the provenance speaks of. @param digest SHA-256 in hex */
export function isMadeAs(provenance: Provenance, digest: string): boolean {
  return provenance.subjects.some((subject) => subject.digest === digest);
}

function provenanceOf(payload: Buffer): ProvenanceVerdict {
  const statement = jsonOf(payload.toString('utf8')) as Statement | undefined;
  if (statement?._type !== statementType) return refused('the payload is no in-toto statement');
  if (statement.predicateType !== predicateType) return refused(`the predicate is not ${predicateType}`);
  const { buildDefinition: build, runDetails: run } = statement.predicate ?? {};
  const subjects = readResources(statement.subject);
  const dependencies = readResources(build?.resolvedDependencies);
  const byproducts = readResources(run?.byproducts ?? []);
  if (!subjects?.length || !dependencies || !byproducts || !build || !run?.builder || !run.metadata) {
    return refused('the statement does not say what was made from what');
  }
  return {
    ok: true,
    provenance: {
      subjects,
      buildType: String(build.buildType),
      externalParameters: build.externalParameters ?? {},
      internalParameters: build.internalParameters ?? {},
      dependencies,
      builder: { id: String(run.builder.id), version: run.builder.version ?? {} },
      invocationId: String(run.metadata.invocationId),
      startedOn: String(run.metadata.startedOn),
      finishedOn: String(run.metadata.finishedOn),
      byproducts,
    },
  };
}

const writeResource = ({ name, digest, annotations }: Resource) => ({
  name,
  digest: { sha256: digest },
  ...(annotations ? { annotations } : {}),
});

function readResources(list: unknown): Resource[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const resources: Resource[] = [];
  for (const { name, digest, annotations } of list as { name?: unknown; digest?: { sha256?: unknown }; annotations?: object }[]) {
    const sha256 = digest?.sha256;
    if (typeof name !== 'string' || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    resources.push({ name, digest: sha256, ...(annotations ? { annotations: { ...annotations } } : {}) });
  }
  return resources;
}

function refused(reason: string): ProvenanceVerdict {
  return { ok: false, reason };
}

function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Statement {
  _type?: unknown;
  subject?: unknown;
  predicateType?: unknown;
  predicate?: {
    buildDefinition?: {
      buildType?: unknown;
      externalParameters?: Record<string, unknown>;
      internalParameters?: Record<string, unknown>;
      resolvedDependencies?: unknown;
    };
    runDetails?: {
      builder?: { id?: unknown; version?: Record<string, string> };
      metadata?: { invocationId?: unknown; startedOn?: unknown; finishedOn?: unknown };
      byproducts?: unknown;
    };
  };
}
