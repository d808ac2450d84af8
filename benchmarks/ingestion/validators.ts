import { Ajv } from 'ajv';
import { z } from 'zod';
import type { Figure } from '../figures.js';
import { cellOf, columnCount, jsonSchema } from './contract.js';
import type { CompiledContract } from './product.js';

const recordCount = 20_000;
const slices = 7;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Records per second of processor time. */
function rate(check: (index: number) => boolean): number {
  const before = process.cpuUsage();
  for (let index = 0; index < recordCount; index++) if (!check(index)) throw new Error('a valid record was refused');
  const { user, system } = process.cpuUsage(before);
  return recordCount / ((user + system) / 1e6);
}

/** The compiled contract against zod and ajv, on the same valid records with fresh values. */
export function validatorFigures(contract: CompiledContract): Figure[] {
  const names = Array.from({ length: columnCount }, (_, column) => `c${column}`);
  const rows = Array.from({ length: recordCount }, (_, row) => names.map((_name, column) => cellOf(row, column)));
  const records = rows.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column]])));
  const viaAjv = new Ajv().compile(jsonSchema);
  const viaZod = z.fromJSONSchema(jsonSchema as Parameters<typeof z.fromJSONSchema>[0]);
  const checks = {
    ours: (index: number) => {
      const reasons: unknown[] = [];
      contract.validate(rows[index]!, reasons);
      return reasons.length === 0;
    },
    zod: (index: number) => viaZod.safeParse(records[index]).success,
    ajv: (index: number) => viaAjv(records[index]),
  };
  const rates = { ours: [] as number[], zod: [] as number[], ajv: [] as number[] };
  for (let slice = 0; slice < slices; slice++) for (const name of ['ours', 'zod', 'ajv'] as const) rates[name].push(rate(checks[name]));
  const value = median(rates.ours);
  const figure = (name: string, baseline: number, target: number): Figure => ({
    ...{ name, value, unit: 'records/CPU s', baseline, ratio: value / baseline },
    ...{ better: 'higher', target },
  });
  return [
    figure('contract validator, 20 fields, against zod', median(rates.zod), 10),
    figure('contract validator, 20 fields, against ajv', median(rates.ajv), 1.5),
  ];
}
