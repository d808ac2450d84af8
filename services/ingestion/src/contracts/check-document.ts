import { z } from 'zod';
import { compileContract } from './compile-contract.js';
import { odcsContract } from './odcs.schema.js';

/** Whether a document can be used as a contract here. */
export interface DocumentCheck {
  readonly isUsable: boolean;
  readonly faults: readonly string[];
  readonly notExecuted: readonly string[];
  readonly columnCount: number;
}

/** Says whether a document can be used as a contract, and which of its rules would not be executed. */
export function checkDocument(document: unknown): DocumentCheck {
  const parsed = odcsContract.safeParse(document);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 50).map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
    return { isUsable: false, faults, notExecuted: [], columnCount: 0 };
  }
  try {
    const { quality, rules } = compileContract(parsed.data);
    return { isUsable: true, faults: [], notExecuted: quality.notExecuted, columnCount: rules.length };
  } catch (error) {
    const fault = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    return { isUsable: false, faults: [fault], notExecuted: [], columnCount: 0 };
  }
}
