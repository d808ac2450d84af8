import { masked } from '../privacy/mask.js';
import type { CellValue, ColumnRule } from './column-rule.js';
import { type FlagCode, flagCodes, type GuardSettings } from './guard-settings.js';
import { type Reason, shown } from './reason.js';
import { textFlags } from './text-flags.js';

const mostExamples = 20;

/** Lowest and highest number that the history of a column has. */
export interface KnownRange {
  readonly lowest: number;
  readonly highest: number;
}

/** A record that was flagged and taken nevertheless. */
export interface FlagExample {
  readonly row: number;
  readonly code: FlagCode;
  readonly field: string;
  readonly value: string;
}

/** What was flagged in a batch. */
export interface FlagCounts {
  /** Flag to number of records. */
  readonly counts: Partial<Record<FlagCode, number>>;
  readonly examples: readonly FlagExample[];
}

const expectations: Record<FlagCode, string> = {
  oversize_field: 'a field of usual size',
  control_character: 'text without control characters',
  invisible_character: 'text without characters that nobody sees',
  mixed_script: 'words of one alphabet',
  formula: 'text that no spreadsheet runs',
  prototype_key: 'fields that are no names of the language',
  far_outlier: 'a number near the range of the history',
};

/** Looks at records for what is harmful, meant or not; counts it, and refuses it where the contract says so. */
export class Guards {
  private readonly counts: Partial<Record<FlagCode, number>> = {};
  private readonly examples: FlagExample[] = [];
  private readonly lastRow: Partial<Record<FlagCode, number>> = {};
  private readonly texts: readonly number[];
  private readonly numbers: readonly { readonly at: number; readonly low: number; readonly high: number }[];

  constructor(
    private readonly rules: readonly ColumnRule[],
    private readonly settings: GuardSettings,
    ranges: readonly (KnownRange | undefined)[],
  ) {
    const isOn = (code: FlagCode) => settings[code] !== 'off';
    const textCodes = ['oversize_field', 'control_character', 'invisible_character', 'mixed_script', 'formula'] as const;
    // what must be among listed values is no free text
    this.texts = textCodes.some(isOn)
      ? rules.flatMap(({ type, allowed, map }, at) => (type === 'string' && !allowed && !map ? [at] : []))
      : [];
    this.numbers = isOn('far_outlier') ? rules.flatMap((_, at) => fence(at, ranges[at], settings.outlierRanges)) : [];
  }

  /** Looks at one record; what refuses it is pushed to `reasons`. */
  inspect(row: number, values: readonly CellValue[], prototypeKey: string | undefined, reasons: Reason[]): void {
    for (const at of this.texts) {
      const text = values[at];
      if (typeof text !== 'string') continue;
      const flags = textFlags(text, this.settings.oversizeCharacters);
      if (flags) for (const code of flags) this.take(row, code, this.rules[at]!.name, text, reasons);
    }
    for (const { at, low, high } of this.numbers) {
      const value = values[at] as number | null;
      if (value !== null && (value < low || value > high)) this.take(row, 'far_outlier', this.rules[at]!.name, value, reasons);
    }
    if (prototypeKey !== undefined) this.take(row, 'prototype_key', prototypeKey, prototypeKey, reasons);
  }

  /** What was flagged so far. */
  get found(): FlagCounts {
    return { counts: { ...this.counts }, examples: [...this.examples] };
  }

  /** Why the batch as a whole is not taken, where the contract wants that. */
  get rejections(): string[] {
    return flagCodes
      .filter((code) => this.settings[code] === 'reject' && (this.counts[code] ?? 0) > 0)
      .map((code) => `${this.counts[code]} records have the flag ${code}, and the contract takes none`);
  }

  private take(row: number, code: FlagCode, field: string, value: unknown, reasons: Reason[]): void {
    if (this.settings[code] === 'off') return;
    // a record counts once for a flag, however many of its fields have it
    if (this.lastRow[code] !== row) this.counts[code] = (this.counts[code] ?? 0) + 1;
    this.lastRow[code] = row;
    if (this.settings[code] === 'quarantine') {
      const expectation = expectations[code];
      reasons.push({ code, field, message: `${field} is ${shown(value)}: expected is ${expectation}`, value: shown(value), expectation });
    } else if (this.examples.length < mostExamples) {
      const isPersonal = this.rules.some((rule) => rule.name === field && rule.isPersonal);
      this.examples.push({ row, code, field, value: isPersonal ? masked : shown(value) });
    }
  }
}

function fence(at: number, range: KnownRange | undefined, times: number): { at: number; low: number; high: number }[] {
  if (!range || range.highest <= range.lowest) return [];
  const width = (range.highest - range.lowest) * times;
  return [{ at, low: range.lowest - width, high: range.highest + width }];
}
