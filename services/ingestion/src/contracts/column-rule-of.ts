import type { DatasetColumn } from '@bascule/contracts';
import { type TextPattern, textPattern } from '../patterns/text-pattern.js';
import { isPersonal } from '../privacy/personal.js';
import { datePattern } from '../repairs/read-date.js';
import type { CellValue, ColumnRule } from '../validation/column-rule.js';
import { readTimestamp } from '../validation/read-value.js';
import { columnSettingsOf } from './contract-settings.js';
import type { Property, Quality } from './odcs.schema.js';
import { isPerRecord } from './quality-kind.js';

const types: Record<Property['logicalType'], DatasetColumn['type']> = {
  string: 'string',
  date: 'timestamp',
  timestamp: 'timestamp',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
};

function boundOf(value: number | string | undefined, type: DatasetColumn['type'], where: string): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  const bound = type === 'timestamp' ? readTimestamp(value) : Number(value);
  if (Number.isNaN(bound)) throw new Error(`${where}: ${JSON.stringify(value)} is no ${type}`);
  return bound;
}

function patternOf(text: string | undefined, where: string): TextPattern | undefined {
  if (text === undefined) return undefined;
  try {
    return textPattern(text);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  }
}

/** The allowed values of a column; several lists must all allow a value. */
function allowedOf(qualities: readonly Quality[]): Set<CellValue> | undefined {
  const lists = qualities.filter((quality) => quality.metric === 'invalidValues' && quality.arguments?.validValues);
  if (lists.length === 0) return undefined;
  const [first, ...rest] = lists.map((quality) => new Set<CellValue>(quality.arguments!.validValues as CellValue[]));
  return new Set([...first!].filter((value) => rest.every((list) => list.has(value))));
}

/** Reads one property of a contract. @throws Error naming the property and what is wrong */
export function columnRuleOf(property: Property): ColumnRule {
  const where = `schema.properties.${property.name}`;
  const type = types[property.logicalType];
  const options = property.logicalTypeOptions;
  const settings = columnSettingsOf(property);
  const perRecord = property.quality.filter(isPerRecord);
  const tokens = perRecord.filter(({ metric }) => metric === 'missingValues').flatMap((quality) => quality.arguments?.missingValues ?? []);
  const pattern = options.pattern ?? perRecord.find((quality) => quality.arguments?.pattern)?.arguments?.pattern;
  const isText = type === 'string';
  if (!isText && (options.minLength ?? options.maxLength ?? pattern) !== undefined)
    throw new Error(`${where}: pattern and length are for strings`);
  for (const format of settings.repairs?.dateFormats ?? []) datePattern(format);
  return {
    name: property.name,
    header: property.physicalName ?? property.name,
    type,
    role: settings.role,
    required:
      property.required || property.primaryKey || perRecord.some(({ metric }) => metric === 'nullValues' || metric === 'missingValues'),
    missing: new Set([...settings.missingValues, ...tokens.filter((token) => token !== null)]),
    map: settings.mapValues && new Map(Object.entries(settings.mapValues)),
    allowed: allowedOf(perRecord),
    minimum: boundOf(options.minimum, type, where),
    maximum: boundOf(options.maximum, type, where),
    exclusiveMinimum: boundOf(options.exclusiveMinimum, type, where),
    exclusiveMaximum: boundOf(options.exclusiveMaximum, type, where),
    pattern: patternOf(pattern, where),
    minLength: options.minLength,
    maxLength: options.maxLength,
    repairs: settings.repairs,
    ...(isPersonal(property) ? { isPersonal: true } : {}),
  };
}
