import type { DatasetColumn } from '@bascule/contracts';
import type { ColumnRule } from '../validation/column-rule.js';
import { boundNames, type Expectation } from '../validation/expectation.js';
import type { Uniqueness } from '../validation/uniqueness.js';
import { compileRecordValidator, type ValidateRecord } from '../validation/validate-record.js';
import { columnRuleOf, isPerRecord } from './column-rule-of.js';
import { type ContractSettings, settingsOf } from './contract-settings.js';
import type { OdcsContract, Property, Quality } from './odcs.schema.js';

/** A contract ready for use: what to expect of records and batches, and the shape of the dataset. */
export interface CompiledContract {
  readonly rules: readonly ColumnRule[];
  readonly columns: readonly DatasetColumn[];
  readonly settings: ContractSettings;
  readonly uniqueness: readonly Uniqueness[];
  readonly expectations: readonly Expectation[];
  readonly validate: ValidateRecord;
  /** Position of the column with the role; undefined when there is none. */
  readonly time: number | undefined;
  readonly label: number | undefined;
}

const counted = ['nullValues', 'invalidValues', 'duplicateValues', 'rowCount'] as const;

function positions(rules: readonly ColumnRule[], names: readonly string[], where: string): number[] {
  return names.map((name) => {
    const at = rules.findIndex((rule) => rule.name === name);
    if (at < 0) throw new Error(`${where} names the column ${name}, which the contract does not have`);
    return at;
  });
}

function single(rules: readonly ColumnRule[], role: ColumnRule['role']): number | undefined {
  const found = rules.flatMap((rule, at) => (rule.role === role ? [at] : []));
  if (found.length > 1) throw new Error(`only one column may have the role ${role}`);
  return found[0];
}

function uniquenessOf(
  properties: readonly Property[],
  rules: readonly ColumnRule[],
  tableQuality: readonly Quality[],
  settings: ContractSettings,
): Uniqueness[] {
  const isUnique = (property: Property) =>
    property.unique || property.quality.some((quality) => isPerRecord(quality) && quality.metric === 'duplicateValues');
  const key = properties.flatMap((property, at) => (property.primaryKey ? [at] : []));
  const unique = properties.flatMap((property, at) => (isUnique(property) && !(key.length === 1 && property.primaryKey) ? [[at]] : []));
  const groups =
    settings.uniqueTogether.length === 0 || Array.isArray(settings.uniqueTogether[0]) ? settings.uniqueTogether : [settings.uniqueTogether];
  const together = [
    ...(groups as string[][]),
    ...tableQuality
      .filter((quality) => isPerRecord(quality) && quality.metric === 'duplicateValues')
      .map((quality) => quality.arguments?.properties ?? []),
  ].filter((names) => names.length > 0);
  const subjectOf = (columns: readonly number[]) => JSON.stringify(columns.map((column) => rules[column]!.name));
  const rule = (code: Uniqueness['code'], columns: number[]): Uniqueness => ({ code, columns, subject: subjectOf(columns) });
  return [
    ...(key.length > 0 ? [key, ...unique] : unique).map((columns) => rule('duplicate_key', columns)),
    ...together.map((names) => rule('duplicate_row', positions(rules, names, 'a uniqueness rule'))),
  ];
}

function expectationOf(quality: Quality, columns: number[], subject: string): Expectation[] {
  if (quality.type !== 'library' || isPerRecord(quality)) return [];
  const metric = counted.find((name) => name === quality.metric);
  const bounds = Object.fromEntries(boundNames.flatMap((name) => (quality[name] === undefined ? [] : [[name, quality[name]]])));
  if (!metric || Object.keys(bounds).length === 0) {
    throw new Error(`${subject}: a library assertion needs one of ${counted.join(', ')} as metric, and a bound such as mustBe`);
  }
  if (metric !== 'rowCount' && columns.length === 0) throw new Error(`${subject}: ${metric} needs a column`);
  const limits = Object.entries(bounds).map(([name, bound]) => `${name} ${JSON.stringify(bound)}`);
  const allowed = quality.arguments?.validValues && { allowed: new Set<unknown>(quality.arguments.validValues) };
  return [
    { metric, columns, unit: quality.unit, bounds, text: `${metric} of ${subject} ${limits.join(', ')} ${quality.unit}`, ...allowed },
  ];
}

/** Turns a contract into a validator. @throws Error or ZodError that says what the contract gets wrong */
export function compileContract(contract: OdcsContract): CompiledContract {
  const table = contract.schema[0]!;
  const rules = table.properties.map(columnRuleOf);
  for (const kind of ['name', 'header'] as const) {
    const twice = rules.find((rule, at) => rules.findIndex((other) => other[kind] === rule[kind]) !== at);
    if (twice) throw new Error(`two columns have the ${kind} ${twice[kind]}`);
  }
  const settings = settingsOf(contract);
  const everyRule = rules.map((rule) => ({ ...rule, missing: new Set([...rule.missing, ...settings.missingValues]) }));
  const tableExpectations = table.quality.flatMap((quality) =>
    expectationOf(quality, positions(rules, quality.arguments?.properties ?? [], 'a quality rule'), table.name),
  );
  const time = single(rules, 'time');
  if (time !== undefined && (rules[time]!.type !== 'timestamp' || !rules[time]!.required)) {
    throw new Error(`the time column ${rules[time]!.name} must be a required date or timestamp`);
  }
  return {
    rules: everyRule,
    columns: everyRule.map(({ name, type, role, required }) => ({ name, type, role, nullable: !required })),
    settings,
    uniqueness: uniquenessOf(table.properties, rules, table.quality, settings),
    expectations: [
      ...tableExpectations,
      ...table.properties.flatMap((property, at) => property.quality.flatMap((quality) => expectationOf(quality, [at], property.name))),
    ],
    validate: compileRecordValidator(everyRule),
    time,
    label: single(rules, 'label'),
  };
}

/** What a new version of a contract may not do to the columns of the version before. */
export function incompatibilities(before: readonly DatasetColumn[], after: readonly DatasetColumn[]): string[] {
  return before.flatMap((column) => {
    const next = after.find(({ name }) => name === column.name);
    if (next && next.type !== column.type) return [`${column.name} was ${column.type} and would become ${next.type}`];
    return [];
  });
}
