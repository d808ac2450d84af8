import { textPattern } from '../patterns/text-pattern.js';
import type { ColumnRule } from '../validation/column-rule.js';
import { type Condition, columnsOf, type NamedCondition } from '../validation/condition.js';
import { type Bounds, boundNames, type Expectation, type Metric, type Severity } from '../validation/expectation.js';
import { defaultHistoryRules, type HistoryRules } from '../validation/history-rules.js';
import { interpretedCondition } from '../validation/interpret-condition.js';
import { type CustomRule, customRuleOf } from './custom-rule.js';
import type { Quality, SchemaObject } from './odcs.schema.js';
import { positions } from './positions.js';
import { isPerRecord, severityOf } from './quality-kind.js';

/** Records whose text is nearly that of another, and what becomes of them. */
export interface NearDuplicatesRule {
  readonly columns: readonly number[];
  readonly similarity: number;
  readonly policy: 'quarantine' | 'keepFirst' | 'keepLast';
}

/** The quality rules of a contract, sorted by what they are held against. */
export interface QualityRules {
  /** Of every record. */
  readonly conditions: readonly NamedCondition[];
  readonly nearDuplicates: readonly NearDuplicatesRule[];
  /** Of the batch. */
  readonly expectations: readonly Expectation[];
  /** Of the batch against the history of the dataset. */
  readonly history: HistoryRules;
  /** Longest time from one batch to the next, in hours, before it is reported. */
  readonly mostHoursApart?: number;
  /** Rules and promises that are kept and not executed, each with the reason. */
  readonly notExecuted: readonly string[];
}

const metrics = ['nullValues', 'missingValues', 'invalidValues', 'duplicateValues', 'rowCount'] as const;

/** Reads the quality rules of a table and its columns. @throws Error or ZodError naming the rule that cannot be used */
export function qualityRulesOf(table: SchemaObject, rules: readonly ColumnRule[], time: number | undefined): QualityRules {
  const found = {
    conditions: [] as NamedCondition[],
    nearDuplicates: [] as NearDuplicatesRule[],
    expectations: [] as Expectation[],
    notExecuted: [] as string[],
    history: { ...defaultHistoryRules },
  };
  const take = (quality: Quality, subject: string, columns: number[]) => {
    if (quality.type === 'library') found.expectations.push(...libraryExpectation(quality, columns, subject, rules));
    else if (quality.type === 'custom' && quality.engine?.toLowerCase() === 'bascule') takeCustom(quality, subject, columns);
    else
      found.notExecuted.push(
        `${subject}: a rule of type ${quality.type}${quality.engine ? ` for ${quality.engine}` : ''} is not executed here`,
      );
  };
  const takeCustom = (quality: Quality, subject: string, columns: number[]) => {
    const rule = customRuleOf(quality.implementation, quality.name ?? subject);
    const severity = severityOf(quality);
    const own = boundsOf(quality);
    if ('condition' in rule) {
      const name = quality.name ?? quality.description ?? conditionText(rule.condition);
      // also where it is only counted: what it gets wrong is said when the contract is published
      const test = interpretedCondition(rules, rule.condition);
      if (own === undefined && severity === 'error') found.conditions.push({ name, condition: rule.condition });
      else found.expectations.push(expectation(quality, { metric: 'missedConditions', test }, `records that miss "${name}"`, own));
    } else if ('nearDuplicates' in rule) {
      const { similarity, policy } = rule.nearDuplicates;
      const at = positions(rules, rule.nearDuplicates.columns, 'a rule on near duplicates');
      const isCounted = own !== undefined || severity !== 'error';
      if (isCounted && policy !== undefined && policy !== 'keepAll')
        throw new Error(`${subject}: near duplicates are either counted (bounds, or a warning) or treated by the policy ${policy}`);
      if (!isCounted && policy !== 'keepAll') found.nearDuplicates.push({ columns: at, similarity, policy: policy ?? 'quarantine' });
      else {
        const bounds = own ?? (policy === 'keepAll' ? { mustBeGreaterOrEqualTo: 0 } : undefined);
        const what = { metric: 'nearDuplicates', columns: at, similarity } as const;
        found.expectations.push(expectation(quality, what, `near duplicates of ${subject}`, bounds));
      }
    } else if ('completenessDrop' in rule || 'shift' in rule || 'rowCountChange' in rule || 'labelFlood' in rule) {
      Object.assign(found.history, historyRule(rule, severity, columns, rules));
    } else found.expectations.push(...measuredRule(rule, quality, rules, time, own));
  };
  for (const quality of table.quality) take(quality, table.name, positions(rules, quality.arguments?.properties ?? [], 'a quality rule'));
  table.properties.forEach((property, at) => {
    for (const quality of property.quality) take(quality, property.name, [at]);
  });
  return found;
}

function measuredRule(
  rule: CustomRule,
  quality: Quality,
  rules: readonly ColumnRule[],
  time: number | undefined,
  own: Bounds | undefined,
): Expectation[] {
  if ('determines' in rule) {
    const { columns, column } = rule.determines;
    const [determined] = positions(rules, [column], 'a rule that determines') as [number];
    const what = { metric: 'undetermined', columns: positions(rules, columns, 'a rule that determines'), determined } as const;
    return [expectation(quality, what, `records whose ${column} is not that of their ${columns.join(', ')}`, own, column)];
  }
  if ('order' in rule) {
    const [column] = positions(rules, [rule.order.column], 'a rule on order') as [number];
    const what = { metric: 'outOfOrder', column, isDescending: rule.order.direction === 'descending' } as const;
    return [expectation(quality, what, `records out of ${rule.order.direction} order of ${rule.order.column}`, own, rule.order.column)];
  }
  if ('freshness' in rule) {
    if (time === undefined) throw new Error('a rule on freshness needs a column with the role time');
    const bounds = { mustBeLessOrEqualTo: rule.freshness.maxAgeHours };
    const what = { metric: 'ageHours', column: time } as const;
    return [{ ...expectation(quality, what, 'hours since the newest record', bounds, rules[time]!.name), unit: 'rows' }];
  }
  return [];
}

function historyRule(rule: CustomRule, severity: Severity, columns: number[], rules: readonly ColumnRule[]): Partial<HistoryRules> {
  const named = (names: string[] | undefined) =>
    names ? positions(rules, names, 'a rule on history') : columns.length > 0 ? columns : undefined;
  if ('completenessDrop' in rule) {
    const { points, columns: names } = rule.completenessDrop;
    return { completenessDrop: { severity, points, columns: named(names) } };
  }
  if ('shift' in rule) {
    const { atLeast, columns: names, reference } = rule.shift;
    return { shift: { severity, atLeast, columns: named(names), reference } };
  }
  if ('rowCountChange' in rule) return { rowCountChange: { severity, maxPercent: rule.rowCountChange.maxPercent } };
  if ('labelFlood' in rule) return { labelFlood: { severity, ...rule.labelFlood } };
  return {};
}

function libraryExpectation(quality: Quality, columns: number[], subject: string, rules: readonly ColumnRule[]): Expectation[] {
  if (isPerRecord(quality)) return [];
  const metric = metrics.find((name) => name === quality.metric);
  const bounds = boundsOf(quality);
  if (!metric || !bounds) {
    throw new Error(`${subject}: a library assertion needs one of ${metrics.join(', ')} as metric, and a bound such as mustBe`);
  }
  if (metric !== 'rowCount' && columns.length === 0) throw new Error(`${subject}: ${metric} needs a column`);
  const field = columns.length === 1 ? rules[columns[0]!]!.name : undefined;
  return [expectation(quality, metricOf(metric, columns, quality), `${metric} of ${subject}`, bounds, field)];
}

function metricOf(metric: (typeof metrics)[number], columns: number[], { arguments: args }: Quality): Metric {
  if (metric === 'rowCount') return { metric };
  if (metric === 'nullValues' || metric === 'duplicateValues') return { metric, columns };
  if (metric === 'missingValues') return { metric, columns, tokens: new Set(args?.missingValues ?? []) };
  const pattern = args?.pattern === undefined ? undefined : textPattern(args.pattern);
  return { metric, columns, allowed: args?.validValues && new Set<unknown>(args.validValues), pattern };
}

function expectation(quality: Quality, what: Metric, words: string, own: Bounds | undefined, field?: string): Expectation {
  const bounds = own ?? { mustBe: 0 };
  const limits = Object.entries(bounds).map(([name, bound]) => `${name} ${JSON.stringify(bound)}`);
  const unit = what.metric === 'ageHours' ? '' : ` ${quality.unit}`;
  const text = `${words} ${limits.join(', ')}${unit}`;
  return { what, unit: quality.unit, bounds, severity: severityOf(quality), text, ...(field === undefined ? {} : { field }) };
}

function boundsOf(quality: Quality): Bounds | undefined {
  const bounds = boundNames.flatMap((name) => (quality[name] === undefined ? [] : [[name, quality[name]] as const]));
  return bounds.length === 0 ? undefined : Object.fromEntries(bounds);
}

function conditionText(condition: Condition): string {
  const text = JSON.stringify(condition);
  return text.length > 200 ? `a condition on ${columnsOf(condition).join(', ')}` : text;
}
