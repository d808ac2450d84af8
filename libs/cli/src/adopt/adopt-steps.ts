import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type ModelSignature, modelSignature, tensorDatatype } from '@bascule/contracts';
import type { StackFile } from '@bascule/launcher';
import { z } from 'zod';
import { callService, sendFile } from '../call-service.js';
import type { FilledTensor } from './fill-tensors.js';
import type { AnsweredTensor } from './measure-model.js';

const asScientist = { service: 'registry', role: 'scientist' } as const;
const tensor = z.object({ name: z.string(), datatype: tensorDatatype.optional(), shape: z.array(z.int()).optional() });
const outline = z.object({ digest: z.string(), faults: z.array(z.string()), inputs: z.array(tensor), outputs: z.array(tensor) });
export type Outline = z.infer<typeof outline>;
const cells = z.array(z.union([z.number(), z.string(), z.boolean(), z.null()]));
const answer = z.object({ outputs: z.array(z.object({ name: z.string(), shape: z.array(z.int()), data: cells })) });
const draft = z.object({ contract: z.record(z.string(), z.unknown()), notes: z.array(z.string()) });
const admission = z.object({ batches: z.array(z.object({ rows: z.number(), p95Ms: z.number() })) });
const version = z.object({ version: z.number(), admission: admission.nullable() });
export type AdoptedVersion = z.infer<typeof version>;
const promotion = z.object({ promotionId: z.string(), status: z.string(), reasons: z.array(z.string()) });
export type AskedPromotion = z.infer<typeof promotion>;
const policy = z.object({ revision: z.number() });
const anything = z.unknown();
const pollMs = 500;

/** Uploads a model file under its digest. @returns what it takes and answers, and what speaks against it */
export async function uploadModel(info: StackFile, bytes: Uint8Array): Promise<Outline> {
  const { digest } = await uploadBytes(info, bytes);
  return callService(info, outline, { ...asScientist, path: `/v1/artifacts/${digest}/outline` });
}

export function uploadBytes(info: StackFile, bytes: Uint8Array): Promise<{ digest: string }> {
  const path = `/v1/artifacts?digest=${createHash('sha256').update(bytes).digest('hex')}`;
  const body = new Blob([new Uint8Array(bytes)]).stream();
  return sendFile(info, z.object({ digest: z.string() }), { ...asScientist, path }, body, 'application/octet-stream');
}

/** What the model answers to these rows, before it is registered. */
export async function tryModel(
  info: StackFile,
  digest: string,
  signature: ModelSignature,
  inputs: readonly FilledTensor[],
): Promise<readonly AnsweredTensor[]> {
  const body = { signature: modelSignature.parse(signature), inputs };
  return (await callService(info, answer, { ...asScientist, path: `/v1/artifacts/${digest}/trials`, body, isProbed: true })).outputs;
}

/** A draft of the contract of the data. */
export function draftContractOf(info: StackFile, name: string, file: string): Promise<z.infer<typeof draft>> {
  const path = `/v1/contracts/drafts?name=${encodeURIComponent(name)}`;
  const body = Readable.toWeb(createReadStream(file)) as ReadableStream;
  return sendFile(info, draft, { service: 'ingestion', role: 'scientist', path }, body, contentTypeOf(file));
}

export function registerVersion(info: StackFile, name: string, body: object): Promise<AdoptedVersion> {
  return callService(info, version, { ...asScientist, path: `/v1/models/${encodeURIComponent(name)}/versions`, body, isProbed: true });
}

/** Sets the drafted gates unless the model has gates of its own. @returns whether they were set */
export async function setGates(info: StackFile, name: string, gates: object): Promise<boolean> {
  const call = { service: 'registry', role: 'approver', path: `/v1/models/${encodeURIComponent(name)}/promotion-policy` } as const;
  if ((await callService(info, policy, call)).revision > 0) return false;
  await callService(info, anything, { ...call, method: 'PUT', body: { policy: gates, reason: 'drafted as the model was adopted' } });
  return true;
}

export function promoteTo(info: StackFile, name: string, number: number, environment: string): Promise<AskedPromotion> {
  const path = `/v1/models/${encodeURIComponent(name)}/versions/${number}/promotions`;
  return callService(info, promotion, { ...asScientist, path, body: { environment } });
}

/** True while something can still become of it. */
export function isOpen({ status }: AskedPromotion): boolean {
  return ['requested', 'waiting', 'approved'].includes(status);
}

/** Follows a promotion until it has ended, or for so long. */
export async function followPromotion(info: StackFile, asked: AskedPromotion, forMs: number): Promise<AskedPromotion> {
  const until = Date.now() + forMs;
  let current = asked;
  while (isOpen(current) && Date.now() < until) {
    await wait(pollMs);
    current = await callService(info, promotion, { ...asScientist, path: `/v1/promotions/${asked.promotionId}` });
  }
  return current;
}

/** Asks the endpoint of an environment as a client does, until it answers or for so long. @returns why it does not */
export async function askEndpoint(info: StackFile, url: string, name: string, request: object, forMs: number): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${info.keys.client}`, 'content-type': 'application/json' };
  const path = `${url}/v2/models/${encodeURIComponent(name)}/infer`;
  for (const until = Date.now() + forMs; ; await wait(pollMs)) {
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(request) });
    if (response.ok) return undefined;
    const { detail, title } = (await response.json().catch(() => ({}))) as { detail?: string; title?: string };
    if (Date.now() > until) return detail ?? title ?? `status ${response.status}`;
  }
}

function contentTypeOf(file: string): string {
  const plain = file.replace(/\.(gz|zst)$/, '');
  if (plain.endsWith('.parquet')) return 'application/vnd.apache.parquet';
  if (/\.(ndjson|jsonl)$/.test(plain)) return 'application/x-ndjson';
  return 'text/csv';
}

export function readBytes(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
