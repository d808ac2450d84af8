import type { DatasetColumn } from '@bascule/contracts';
import type { TextPattern } from '../patterns/text-pattern.js';
import type { RepairSettings } from '../repairs/repairs.schema.js';

/** A stored value; a timestamp is milliseconds since 1970. */
export type CellValue = string | number | boolean | null;

/** Everything a contract says about one column, ready to be compiled. */
export interface ColumnRule {
  readonly name: string;
  /** The name of the column as it is sent. */
  readonly header: string;
  readonly type: DatasetColumn['type'];
  readonly role: DatasetColumn['role'];
  readonly required: boolean;
  /** Texts that mean: there is no value. */
  readonly missing: ReadonlySet<string>;
  /** Text as sent to the value stored. */
  readonly map: ReadonlyMap<string, CellValue> | undefined;
  readonly allowed: ReadonlySet<CellValue> | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly exclusiveMaximum: number | undefined;
  readonly pattern: TextPattern | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  /** The contract marks it as personal: its values are shown nowhere. */
  readonly isPersonal?: boolean;
  /** What may be done to a text before it is checked. */
  readonly repairs?: RepairSettings | undefined;
}
