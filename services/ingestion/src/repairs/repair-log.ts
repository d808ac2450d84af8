import type { DatasetColumn } from '@bascule/contracts';
import type { ObjectStore, StoredObject } from '@bascule/storage';
import { TableWriter } from '@bascule/tables';
import { masked } from '../privacy/mask.js';
import type { ColumnRule } from '../validation/column-rule.js';
import type { ValidRow } from '../validation/validate-batch.js';

const column = (name: string, type: DatasetColumn['type'], nullable = false): DatasetColumn => ({ name, type, role: 'other', nullable });
const logColumns = [
  column('row', 'integer'),
  column('line', 'integer'),
  column('field', 'string'),
  column('repairs', 'string'),
  column('original', 'string'),
  column('value', 'string', true),
];

/** What was repaired in a batch: enough to take each repair back. */
export interface RepairSummary {
  /** Column to repair to its number of cells. */
  readonly counts: Record<string, Record<string, number>>;
  readonly cellCount: number;
  /** The log: a Parquet file in the object store with row, line, field, repairs, original and value. */
  readonly digest: string;
}

/** Writes the original text of every repaired cell to the object store, while records are sorted. */
export class RepairLog {
  private readonly counts: Record<string, Record<string, number>> = {};
  private cellCount = 0;
  private upload: { writer: TableWriter; stored: Promise<StoredObject> } | undefined;

  constructor(
    private readonly store: ObjectStore,
    private readonly rules: readonly Pick<ColumnRule, 'name' | 'isPersonal'>[],
  ) {}

  /** Takes the repairs of a record that was accepted. */
  async add({ repairs, row, source }: ValidRow): Promise<void> {
    if (!repairs) return;
    this.upload ??= this.open();
    const { writer, stored } = this.upload;
    for (const { column: at, kinds, from, to } of repairs) {
      const { name: field, isPersonal } = this.rules[at]!;
      this.counts[field] ??= {};
      for (const kind of kinds) this.counts[field][kind] = (this.counts[field][kind] ?? 0) + 1;
      this.cellCount++;
      // the content of the batch has the text: what is personal need not be in a second place
      const texts = isPersonal ? [masked, masked] : [from, to === null ? null : String(to)];
      const added = writer.add([row, source.line, field, kinds.join(','), ...texts], from.length);
      if (added) await Promise.race([added, stored]);
    }
  }

  /** The log as it is stored; undefined where nothing was repaired. */
  async finish(): Promise<RepairSummary | undefined> {
    if (!this.upload) return undefined;
    const { writer, stored } = this.upload;
    await Promise.race([writer.finish(), stored]);
    return { counts: this.counts, cellCount: this.cellCount, digest: (await stored).digest };
  }

  /** Gives up what was written; nothing stays in the store. */
  async abandon(): Promise<void> {
    this.upload?.writer.abandon();
    await this.upload?.stored.catch(() => undefined);
  }

  private open() {
    const writer = new TableWriter({ format: 'parquet', columns: logColumns });
    const stored = this.store.put(writer.content);
    // whoever waits for it gets the error; until then it must not end the process
    stored.catch(() => undefined);
    return { writer, stored };
  }
}
