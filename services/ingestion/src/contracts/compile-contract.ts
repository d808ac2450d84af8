import type { ColumnLimits, DatasetColumn } from '@bascule/contracts';
import type { ColumnRule } from '../validation/column-rule.js';
import type { Uniqueness } from '../validation/uniqueness.js';
import { compileRecordValidator, type ValidateRecord } from '../validation/validate-record.js';
import { columnRuleOf } from './column-rule-of.js';
import { type ContractSettings, settingsOf } from './contract-settings.js';
import { type QualityRules, qualityRulesOf } from './expectations-of.js';
import type { OdcsContract, Property, Quality } from './odcs.schema.js';
import { positions } from './positions.js';
import { isPerRecord } from './quality-kind.js';
import { type Reference, referencesOf } from './references-of.js';
import { type ServiceLevel, serviceLevelOf } from './sla-of.js';

/** A contract ready for use: what to expect of records and batches, and the shape of the dataset. */
export interface CompiledContract {
  readonly rules: readonly ColumnRule[];
  readonly columns: readonly DatasetColumn[];
  readonly settings: ContractSettings;
  readonly uniqueness: readonly Uniqueness[];
  readonly references: readonly Reference[];
  readonly quality: QualityRules;
  readonly expectations: QualityRules['expectations'];
  readonly validate: ValidateRecord;
  /** Position of the column with the role; undefined when there is none. */
  readonly time: number | undefined;
  readonly label: number | undefined;
  /** Why no batch is judged by it, of a contract that an earlier release took and this one would not. */
  readonly outdated?: string;
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

/** Turns a contract into a validator. @throws Error or ZodError that says what the contract gets wrong */
export function compileContract(contract: OdcsContract): CompiledContract {
  const table = contract.schema[0]!;
  const rules = table.properties.map(columnRuleOf);
  for (const kind of ['name', 'header'] as const) {
    const twice = rules.find((rule, at) => rules.findIndex((other) => other[kind] === rule[kind]) !== at);
    if (twice) throw new Error(`two columns have the ${kind} ${twice[kind]}`);
  }
  const settings = settingsOf(contract);
  const everyRule = rules.map((rule) => withContractWide(rule, settings));
  const time = single(rules, 'time');
  if (time !== undefined && (rules[time]!.type !== 'timestamp' || !rules[time]!.required)) {
    throw new Error(`the time column ${rules[time]!.name} must be a required date or timestamp`);
  }
  const quality = withServiceLevel(qualityRulesOf(table, rules, time), serviceLevelOf(contract, rules, time));
  // otherwise a record might give way to one that gives way to it
  if (settings.duplicates !== 'keepLast' && quality.nearDuplicates.some(({ policy }) => policy === 'keepLast'))
    throw new Error('a rule that keeps the last of near duplicates needs the policy keepLast for duplicates, too');
  return {
    rules: everyRule,
    columns: everyRule.map(columnOf),
    settings,
    uniqueness: uniquenessOf(table.properties, rules, table.quality, settings),
    references: referencesOf(table, rules),
    quality,
    expectations: quality.expectations,
    validate: compileRecordValidator(everyRule, quality.conditions),
    time,
    label: single(rules, 'label'),
  };
}

function withServiceLevel(quality: QualityRules, { expectations, notJudged, ...rest }: ServiceLevel): QualityRules {
  return {
    ...{ ...quality, ...rest },
    expectations: [...quality.expectations, ...expectations],
    notExecuted: [...quality.notExecuted, ...notJudged],
  };
}

/** A column of the dataset, with what models and those who watch them have to know of it. */
function columnOf(rule: ColumnRule): DatasetColumn {
  const { name, type, role, required, isPersonal } = rule;
  const limits = role === 'label' ? undefined : limitsOf(rule);
  return { ...{ name, type, role, nullable: !required }, ...(isPersonal ? { isPersonal } : {}), ...(limits ? { limits } : {}) };
}

/** Range of a number, list of a text; a list that is long, or has long values, stays in the contract. */
function limitsOf({ type, allowed, map, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: ColumnRule): ColumnLimits | undefined {
  const range = Object.entries({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }).filter(([, bound]) => bound !== undefined);
  if (type === 'number' || type === 'integer') return range.length > 0 ? Object.fromEntries(range) : undefined;
  const listed = [...new Set(allowed ?? map?.values() ?? [])].map(String);
  const isShort = listed.length > 0 && listed.length <= 100 && listed.every((text) => text.length <= 100);
  return type === 'string' && isShort ? { allowed: listed } : undefined;
}

/** A rule with what the contract says for all columns; a text that is a value of the column ("None") never means that there is none. */
function withContractWide(rule: ColumnRule, { missingValues, repairs: everywhere }: ContractSettings): ColumnRule {
  const isValue = (token: string) => rule.map?.has(token) || rule.allowed?.has(token);
  const missing = new Set([...rule.missing, ...missingValues.filter((token) => !isValue(token))]);
  const isRepaired = everywhere.trim || everywhere.spaces || everywhere.nfc;
  const repairs = isRepaired || rule.repairs ? { ...everywhere, ...rule.repairs } : undefined;
  return { ...rule, missing, repairs };
}

/** What a new version of a contract may not do to the columns of the version before. */
export function incompatibilities(before: readonly DatasetColumn[], after: readonly DatasetColumn[]): string[] {
  return before.flatMap((column) => {
    const next = after.find(({ name }) => name === column.name);
    if (next && next.type !== column.type) return [`${column.name} was ${column.type} and would become ${next.type}`];
    return [];
  });
}
