import type { TextPattern } from '../patterns/text-pattern.js';
import type { ColumnRule } from '../validation/column-rule.js';
import type { CompiledContract } from './compile-contract.js';

/**
 * What a change of a contract breaks: `senders` may send what was taken before and is refused now, `readers` may meet what they
 * never met, `both`, or `nothing`.
 */
export const breakages = ['senders', 'readers', 'both', 'nothing'] as const;
export type Breakage = (typeof breakages)[number];

/** One difference between two versions of a contract. */
export interface ContractChange {
  /** The column it is about; absent where it is about the table. */
  readonly column?: string;
  readonly breaks: Breakage;
  readonly message: string;
}

type Say = (breaks: Breakage, message: string) => void;

/** Says what changes from one contract to another, and whom it breaks. */
export function compareContracts(before: CompiledContract, after: CompiledContract): ContractChange[] {
  const changes: ContractChange[] = [];
  for (const rule of before.rules) {
    const column = rule.name;
    const say: Say = (breaks, message) => changes.push({ column, breaks, message });
    const next = after.rules.find(({ name }) => name === column);
    if (next) compareColumns(rule, next, say);
    else say('readers', `${column} is gone`);
  }
  for (const { name: column, required } of after.rules) {
    if (before.rules.some(({ name }) => name === column)) continue;
    const message = required ? `${column} is new, and required` : `${column} is new`;
    changes.push({ column, breaks: required ? 'senders' : 'nothing', message });
  }
  const say: Say = (breaks, message) => changes.push({ breaks, message });
  compareTables(before, after, say);
  return changes;
}

/** How the version number of the document should grow: `major` where something breaks, `minor` where something changes. */
export function versionStep(changes: readonly ContractChange[]): 'major' | 'minor' | 'patch' {
  if (changes.some(({ breaks }) => breaks !== 'nothing')) return 'major';
  return changes.length > 0 ? 'minor' : 'patch';
}

function compareColumns(before: ColumnRule, after: ColumnRule, say: Say): void {
  const { name } = before;
  if (before.type !== after.type) say('both', `${name} was ${before.type} and becomes ${after.type}`);
  if (before.header !== after.header) say('senders', `${name} was sent as ${before.header} and is sent as ${after.header}`);
  if (before.required !== after.required)
    say(after.required ? 'senders' : 'readers', after.required ? `${name} becomes required` : `${name} may be missing`);
  if (before.role !== after.role) say('readers', `${name} had the role ${before.role} and has the role ${after.role}`);
  compareSets(`the allowed values of ${name}`, before.allowed, after.allowed, say);
  compareSets(`the texts that ${name} is mapped from`, keysOf(before), keysOf(after), say);
  for (const [text, value] of before.map ?? []) {
    const next = after.map?.get(text);
    if (next !== undefined && next !== value)
      say('readers', `${JSON.stringify(text)} of ${name} was stored as ${value} and is stored as ${next}`);
  }
  for (const [bound, isLower] of [
    ['minimum', true],
    ['exclusiveMinimum', true],
    ['minLength', true],
    ['maximum', false],
    ['exclusiveMaximum', false],
    ['maxLength', false],
  ] as const)
    compareBounds(`${bound} of ${name}`, before[bound], after[bound], isLower, say);
  if (before.pattern?.source !== after.pattern?.source) comparePatterns(name, before.pattern, after.pattern, say);
  compareSets(`the texts that mean no value of ${name}`, before.missing, after.missing, (_, message) =>
    say(after.required ? 'both' : 'readers', message),
  );
  const [repairs, next] = [JSON.stringify(before.repairs ?? {}), JSON.stringify(after.repairs ?? {})];
  if (repairs !== next) say(before.repairs ? 'both' : 'nothing', `the repairs of ${name} were ${repairs} and become ${next}`);
}

function keysOf({ map }: ColumnRule): ReadonlySet<unknown> | undefined {
  return map && new Set(map.keys());
}

/** A list that grows lets readers meet something new, one that shrinks refuses what was taken. */
function compareSets(what: string, before: ReadonlySet<unknown> | undefined, after: ReadonlySet<unknown> | undefined, say: Say): void {
  if (!before && !after) return;
  if (!before || !after) {
    say(after ? 'senders' : 'readers', after ? `${what} become a list` : `${what} are no list any more`);
    return;
  }
  const gone = [...before].filter((value) => !after.has(value));
  const fresh = [...after].filter((value) => !before.has(value));
  if (gone.length > 0) say('senders', `${what} lose ${listed(gone)}`);
  if (fresh.length > 0) say('readers', `${what} gain ${listed(fresh)}`);
}

function compareBounds(what: string, before: number | undefined, after: number | undefined, isLower: boolean, say: Say): void {
  if (before === after) return;
  const isTighter = after !== undefined && (before === undefined || (isLower ? after > before : after < before));
  say(isTighter ? 'senders' : 'readers', `the ${what} was ${before ?? 'none'} and becomes ${after ?? 'none'}`);
}

function comparePatterns(name: string, before: TextPattern | undefined, after: TextPattern | undefined, say: Say): void {
  const breaks = !before ? 'senders' : after ? 'both' : 'readers';
  say(breaks, `the pattern of ${name} was ${before?.source ?? 'none'} and becomes ${after?.source ?? 'none'}`);
}

function compareTables(before: CompiledContract, after: CompiledContract, say: Say): void {
  const named = ({ uniqueness, rules }: CompiledContract) =>
    new Map(
      uniqueness.map(({ code, columns, subject }) => [`${code} ${subject}`, columns.map((column) => rules[column]!.name).join(', ')]),
    );
  compareRules('must be unique', named(before), named(after), say);
  const conditions = ({ quality }: CompiledContract) =>
    new Map(quality.conditions.map(({ name, condition }) => [JSON.stringify(condition), `the condition "${name}"`]));
  compareRules('must hold for every record', conditions(before), conditions(after), say);
  const expectations = (contract: CompiledContract, severity: 'error' | 'warning') =>
    new Map(contract.expectations.filter((each) => each.severity === severity).map(({ text }) => [text, text]));
  compareRules('must hold for every batch', expectations(before, 'error'), expectations(after, 'error'), say);
  const quiet: Say = (_, message) => say('nothing', message);
  compareRules('is reported where a batch misses it', expectations(before, 'warning'), expectations(after, 'warning'), quiet);
  const references = ({ references: all, rules }: CompiledContract) =>
    new Map(
      all.map(({ columns, datasetName, names }) => {
        const text = `${columns.map((column) => rules[column]!.name).join(', ')} in ${datasetName}.${names.join(', ')}`;
        return [text, text];
      }),
    );
  compareRules('must be there', references(before), references(after), say);
  compareSettings(before.settings, after.settings, say);
}

function compareRules(verb: string, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>, say: Say): void {
  for (const [key, text] of after) if (!before.has(key)) say('senders', `${text} ${verb}, from now on`);
  for (const [key, text] of before) if (!after.has(key)) say('readers', `${text} ${verb} no longer`);
}

function compareSettings(before: CompiledContract['settings'], after: CompiledContract['settings'], say: Say): void {
  const [most, next] = [before.maxQuarantinedPercent, after.maxQuarantinedPercent];
  if (most !== next) say(next < most ? 'senders' : 'nothing', `at most ${most} % of a batch could be quarantined, ${next} % can be`);
  if (before.unknownColumns !== after.unknownColumns)
    say(
      after.unknownColumns === 'reject' ? 'senders' : 'nothing',
      `columns nobody knows: ${before.unknownColumns} becomes ${after.unknownColumns}`,
    );
  if (before.duplicates !== after.duplicates) say('both', `duplicates: ${before.duplicates} becomes ${after.duplicates}`);
  for (const [name, policy] of Object.entries(before.guards)) {
    const now = after.guards[name as keyof typeof after.guards];
    if (now !== policy) say(now === 'quarantine' || now === 'reject' ? 'senders' : 'nothing', `guard ${name}: ${policy} becomes ${now}`);
  }
}

function listed(values: readonly unknown[]): string {
  const head = values.slice(0, 20).map((value) => JSON.stringify(value));
  return values.length > 20 ? `${head.join(', ')} and ${values.length - 20} more` : head.join(', ');
}
