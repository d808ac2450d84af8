import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { readContent } from '../src/batches/read-content.js';
import { type CompiledContract, compileContract } from '../src/contracts/compile-contract.js';
import { odcsContract } from '../src/contracts/odcs.schema.js';
import { BatchCheck, type BatchContext } from '../src/validation/validate-batch.js';

/** A contract with these columns. */
export function contractOf(properties: object[], table: object = {}, settings: Record<string, unknown> = {}): CompiledContract {
  return compileContract(
    odcsContract.parse({
      ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'x', name: 'x', version: '1', status: 'active' },
      schema: [{ name: 'x', properties, ...table }],
      customProperties: Object.entries(settings).map(([property, value]) => ({ property, value })),
    }),
  );
}

/** Checks a file or text as a batch of its own. */
export async function checkContent(contract: CompiledContract, content: string | Buffer, context?: BatchContext) {
  const bytes = typeof content === 'string' && existsSync(content) ? readFileSync(content) : Buffer.from(content as string);
  const check = new BatchCheck(contract, context);
  const { faults, blocks } = await readContent(Readable.from([bytes]), contract.rules, contract.settings.unknownColumns);
  for await (const rows of blocks) for (const row of rows) check.add(row);
  return { faults, ...check.take(), ...check.measures() };
}

/** The cells of a CSV text without quoted line breaks, by line; the header first. */
export function plainCsv(text: string): string[][] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''),
    );
}
