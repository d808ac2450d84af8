import type { Finding, Mapping } from './map-inputs.js';
import type { Measured } from './measure-model.js';
import type { DataFile } from './read-data.js';

/** Rows that the model has no number for, and what they have in common. @param answered numbers of the rows that it has one for */
export function unansweredRows(
  { feeds }: Mapping,
  { columns, rows }: Pick<DataFile, 'columns' | 'rows'>,
  answered: readonly number[],
): Finding[] {
  const silent = rows.length - answered.length;
  if (silent === 0) return [];
  const isAnswered = new Set(answered);
  const absent = feeds.flatMap(({ spec, columns: fed }) => (fed.includes(undefined) ? [spec.name] : []));
  const gaps = feeds.flatMap(({ columns: fed }) => {
    const places = fed.filter((column) => column !== undefined).map((column) => columns.indexOf(column));
    return places.filter((place) => rows.some((row, at) => !isAnswered.has(at) && row[place] === '')).map((place) => columns[place]!);
  });
  const missing = [...new Set([...absent, ...gaps])];
  const where = missing.length === 0 ? '' : `, where ${missing.slice(0, 5).join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
  const what = `the model answers NaN for ${silent === rows.length ? 'every row' : `${silent} of ${rows.length} rows`}${where}`;
  const fill = 'convert the step that fills gaps along with the model';
  const remedy = absent.length > 0 ? `add ${absent.join(', ')} to the file, or ${fill}` : `${fill}, or have clients send what is missing`;
  return [{ what, remedy, isBlocking: answered.length === 0 }];
}

/** What the figures say against the way they were read. */
export function doubtsAbout({ task, metrics, positive }: Measured): Finding[] {
  const { auc } = metrics as { auc?: number };
  if (task !== 'binary' || auc === undefined || auc >= 0.5) return [];
  const what = `the model ranks ${positive} the wrong way round: auc ${auc.toPrecision(3)}`;
  return [
    {
      what,
      remedy: 'name the value whose probability the model tells with --positive, or compare the order of --features',
      isBlocking: false,
    },
  ];
}
