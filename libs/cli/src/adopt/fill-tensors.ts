import type { TensorDatatype } from '@bascule/contracts';
import type { Finding, Mapping } from './map-inputs.js';
import type { DataFile } from './read-data.js';

/** One input of a request: values row by row. */
export interface FilledTensor {
  readonly name: string;
  readonly shape: number[];
  readonly data: (number | string | boolean)[];
}

/** A request with these rows; a number that is missing is NaN, written as text. */
export function fillTensors(
  { feeds }: Mapping,
  { columns }: Pick<DataFile, 'columns'>,
  rows: readonly (readonly string[])[],
): FilledTensor[] {
  return feeds.map(({ spec, columns: fed }) => {
    const places = fed.map((column) => (column === undefined ? -1 : columns.indexOf(column)));
    const data = rows.flatMap((row) => places.map((place) => cellOf(row[place] ?? '', spec.datatype)));
    const shape = [rows.length, ...spec.shape.slice(1)];
    return { name: spec.name, shape, data };
  });
}

/** Columns whose values do not fit the input they feed: a step before the model that was not converted with it. */
export function unfitColumns({ feeds }: Mapping, { columns, rows }: Pick<DataFile, 'columns' | 'rows'>): Finding[] {
  return feeds.flatMap(({ spec, columns: fed }) =>
    spec.datatype === 'BYTES'
      ? []
      : fed.flatMap((column): Finding[] => {
          if (column === undefined) return [];
          const values = rows.map((row) => row[columns.indexOf(column)] ?? '');
          const words = values.filter((value) => value !== '' && !isNumber(value));
          const gaps = values.length - words.length - values.filter(isNumber).length;
          if (words.length > 0) {
            const what = `column ${column} holds text (${JSON.stringify(words[0])} and others, ${words.length} of ${values.length} rows), and the model takes ${spec.datatype}`;
            const remedy = `the step that turns ${column} into numbers was not converted: convert the whole pipeline, or send the numbers it makes`;
            return [{ what, remedy, isBlocking: true }];
          }
          if (gaps > 0 && !spec.datatype.startsWith('FP')) {
            const what = `column ${column} is empty in ${gaps} of ${values.length} rows, and ${spec.datatype} has no missing value`;
            return [{ what, remedy: 'convert the step that fills gaps along with the model', isBlocking: true }];
          }
          return [];
        }),
  );
}

function cellOf(value: string, datatype: TensorDatatype): number | string | boolean {
  if (datatype === 'BYTES') return value;
  if (datatype === 'BOOL') return /^(1|true|yes)$/i.test(value);
  return isNumber(value) ? Number(value) : 'NaN';
}

export function isNumber(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value));
}
