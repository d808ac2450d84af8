import { readBlock } from './prediction-rows.js';

/** What a stored payload says, as JSON; null once it was erased. */
export function disclosedPayload(type: string, payload: Buffer | null): unknown {
  if (payload === null) return null;
  try {
    const block = readBlock(type, payload);
    if (block && (block.rows.length > 0 || block.producer)) return block;
  } catch {
    // an unreadable block was stored as JSON like everything else
  }
  return JSON.parse(payload.toString('utf8'));
}
