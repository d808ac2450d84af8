import { noteProblem } from './documented-problems.js';

/** A tensor as the binary tensor extension sends it: what JSON says, and the raw bytes. */
export interface RawTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** A request of the binary tensor extension: the given JSON with raw inputs added, and its headers. */
export function binaryRequest(json: { inputs?: readonly object[]; [name: string]: unknown }, raw: readonly RawTensor[]) {
  const inputs = raw.map(({ name, datatype, shape, bytes }) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: bytes.length },
  }));
  const header = Buffer.from(JSON.stringify({ ...json, inputs: [...(json.inputs ?? []), ...inputs] }));
  return {
    body: Buffer.concat([header, ...raw.map(({ bytes }) => bytes)]),
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(header.length) },
  };
}

/** Posts bytes and answers status, headers and the body: JSON, and the raw outputs behind it by name. */
export async function post(url: string, token: string, body: Buffer | string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = response.headers.get('inference-header-content-length');
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  const json = JSON.parse(bytes.toString('utf8', 0, length === null ? bytes.length : Number(length))) as any;
  if (!response.ok) noteProblem('POST', url, json.code);
  const raw: Record<string, Buffer> = {};
  let offset = Number(length ?? 0);
  for (const { name, parameters } of length === null ? [] : json.outputs) {
    if (parameters?.binary_data_size === undefined) continue;
    raw[name] = bytes.subarray(offset, offset + parameters.binary_data_size);
    offset += parameters.binary_data_size;
  }
  return { status: response.status, headers: response.headers, body: json, raw };
}
