import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTable } from '@bascule/tables';

/** One column, and how it is read. */
export interface Column {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}

/** Rows for both sides: numbers as they are, categories by their position among the distinct texts; NaN is missing. */
export interface Part {
  readonly rowCount: number;
  readonly columns: readonly Float32Array[];
  readonly labels: Uint8Array;
}

export interface DataSet {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly train: Part;
  readonly test: Part;
}

type Cells = Readonly<Record<string, string>>;

/** Splits records in two parts and codes their texts; codes come from the training part, others count as missing. */
function dataSet(
  name: string,
  columns: readonly Column[],
  train: readonly Cells[],
  test: readonly Cells[],
  isPositive: (record: Cells) => boolean,
): DataSet {
  const codes = columns.map(({ name: column, kind }) => {
    const counts = new Map<string, number>();
    if (kind === 'categorical') for (const record of train) counts.set(record[column]!, (counts.get(record[column]!) ?? 0) + 1);
    const frequent = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 250);
    return new Map(frequent.map(([text], code) => [text, code]));
  });
  const partOf = (records: readonly Cells[]): Part => ({
    rowCount: records.length,
    columns: columns.map(({ name: column, kind }, at) =>
      Float32Array.from(records, (record) => {
        const text = record[column]!;
        if (kind === 'categorical') return codes[at]!.get(text) ?? Number.NaN;
        return text === '' ? Number.NaN : Number(text);
      }),
    ),
    labels: Uint8Array.from(records, (record) => Number(isPositive(record))),
  });
  return { name, columns, train: partOf(train), test: partOf(test) };
}

async function readCsv(file: string): Promise<Cells[]> {
  const table = await openTable(file);
  const records: Cells[] = [];
  for await (const rows of table.rows()) {
    for (const row of rows)
      records.push(Object.fromEntries(table.columns.map((column, at) => [column, String(row.cells[at] ?? '').trim()])));
  }
  return records;
}

const numeric = (...names: string[]): Column[] => names.map((name) => ({ name, kind: 'numeric' }));
const categorical = (...names: string[]): Column[] => names.map((name) => ({ name, kind: 'categorical' }));

/** Income of the census: every third row is held out. */
export async function adult(folder: string): Promise<DataSet> {
  const records = await readCsv(join(folder, 'data/fairness/adult.csv'));
  const columns = [
    ...numeric('age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week'),
    ...categorical('workclass', 'education', 'marital-status', 'occupation', 'relationship', 'race', 'sex', 'native-country'),
  ];
  const isPositive = (record: Cells) => record['income-per-year']!.startsWith('>');
  const isHeld = (_: Cells, at: number) => at % 3 === 0;
  return dataSet(
    'adult',
    columns,
    records.filter((record, at) => !isHeld(record, at)),
    records.filter(isHeld),
    isPositive,
  );
}

/** Motor claims: learnt from 2003, judged on the first half of 2004; is it the windscreen? */
export async function motorClaims(folder: string): Promise<DataSet> {
  const records = await readCsv(join(folder, 'data/claims/fr_motor_claims_2003-01_to_2004-06.csv'));
  const columns = [
    ...numeric('DrivAge', 'BonusMalus', 'LicenceNb', 'VehAge', 'PremWindscreen', 'PremDamAll', 'PremTPLM', 'PremTheft', 'PremTot'),
    ...categorical(
      'DrivGender',
      'PayFreq',
      'JobCode',
      'VehClass',
      'VehPower',
      'VehGas',
      'VehUsage',
      'Garage',
      'Area',
      'Region',
      'Channel',
      'Marketing',
    ),
  ];
  const isEarly = ({ OccurDate }: Cells) => OccurDate! < '2004';
  const isPositive = ({ Guarantee }: Cells) => Guarantee === 'Windscreen';
  return dataSet(
    'motor claims',
    columns,
    records.filter(isEarly),
    records.filter((record) => !isEarly(record)),
    isPositive,
  );
}

/** Rows whose label depends on half of their columns; a tenth of the numbers is missing. */
export function generated(rowCount: number): DataSet {
  let state = 20_011;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  const columns = [...numeric('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), ...categorical('p', 'q', 'r', 's', 't', 'u')];
  const partOf = (count: number): Part => {
    const values = columns.map(() => new Float32Array(count));
    const labels = new Uint8Array(count);
    for (let row = 0; row < count; row++) {
      for (const [at, { kind }] of columns.entries()) {
        const drawn = next() + next() - 1;
        values[at]![row] =
          kind === 'categorical'
            ? Math.floor(next() * 4 * (at - 6) ** 2)
            : next() < 0.1
              ? Number.NaN
              : at < 3
                ? Math.round(20 * drawn)
                : drawn;
      }
      const of = (at: number) => values[at]![row]! || 0;
      const signal = of(0) / 10 + 3 * Math.sin(5 * of(3)) + 4 * of(4) * of(5) + (of(8) % 3) - 1 + ((of(11) * 7) % 5) / 3;
      labels[row] = Number(next() < 1 / (1 + Math.exp(1.5 - signal)));
    }
    return { rowCount: count, columns: values, labels };
  };
  return { name: `generated ${rowCount}`, columns, train: partOf(rowCount), test: partOf(50_000) };
}

/** What was measured where Python is, for machines without. */
export interface Recorded {
  readonly source: string;
  readonly auc: Readonly<Record<string, number>>;
}

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(new URL('../../training/recorded.json', import.meta.url), 'utf8')) as Recorded;
}
