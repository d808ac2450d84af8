/** Twenty columns of four types with the usual limits, as a data contract. */
export const columnCount = 20;

const cities = ['Aachen', 'Berlin', 'Cologne', 'Dresden', 'Essen', 'Frankfurt', 'Göttingen', 'Hamburg'];

/** Value of a column in a row, typed. */
export function cellOf(row: number, column: number): string | number | boolean {
  switch (column % 5) {
    case 0:
      return (row * 7919 + column) % 100_000;
    case 1:
      return ((row * 104_729 + column) % 1_000_000) / 100;
    case 2:
      return cities[(row + column) % cities.length]!;
    case 3:
      return row % 3 === 0;
    default:
      return `claim ${row}, part ${column}`;
  }
}

const library = (values: readonly string[]) => ({
  type: 'library',
  metric: 'invalidValues',
  mustBe: 0,
  arguments: { validValues: values },
});

function property(column: number) {
  const name = `c${column}`;
  const base = { name, required: true };
  switch (column % 5) {
    case 0:
      return { ...base, logicalType: 'integer', logicalTypeOptions: { minimum: 0, maximum: 99_999 } };
    case 1:
      return { ...base, logicalType: 'number', logicalTypeOptions: { minimum: 0, exclusiveMaximum: 10_000 } };
    case 2:
      return { ...base, logicalType: 'string', quality: [library(cities)] };
    case 3:
      return { ...base, logicalType: 'boolean' };
    default:
      return { ...base, logicalType: 'string', logicalTypeOptions: { minLength: 5, maxLength: 40 } };
  }
}

export const contract = {
  ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'urn:benchmark', name: 'benchmark', version: '1', status: 'active' },
  schema: [{ name: 'benchmark', properties: Array.from({ length: columnCount }, (_, column) => property(column)) }],
};

/** The same limits as JSON Schema. */
export const jsonSchema = {
  type: 'object',
  required: Array.from({ length: columnCount }, (_, column) => `c${column}`),
  properties: Object.fromEntries(
    Array.from({ length: columnCount }, (_, column) => {
      const kinds = [
        { type: 'integer', minimum: 0, maximum: 99_999 },
        { type: 'number', minimum: 0, exclusiveMaximum: 10_000 },
        { type: 'string', enum: cities },
        { type: 'boolean' },
        { type: 'string', minLength: 5, maxLength: 40 },
      ];
      return [`c${column}`, kinds[column % 5]!];
    }),
  ),
};

/** The same limits as a condition of SQL on columns of text. */
export const sqlCondition = Array.from({ length: columnCount }, (_, column) => {
  const name = `c${column}`;
  const kinds = [
    `try_cast(${name} as bigint) between 0 and 99999`,
    `try_cast(${name} as double) >= 0 and try_cast(${name} as double) < 10000`,
    `${name} in (${cities.map((city) => `'${city}'`).join(', ')})`,
    `try_cast(${name} as boolean) is not null`,
    `length(${name}) between 5 and 40`,
  ];
  return kinds[column % 5]!;
}).join(' and ');

/** The columns as SQL reads them. */
export const sqlColumns = Array.from({ length: columnCount }, (_, column) => {
  const types = ['bigint', 'double', 'varchar', 'boolean', 'varchar'];
  return `try_cast(c${column} as ${types[column % 5]!}) as c${column}`;
}).join(', ');

/** A CSV file of so many rows, a stretch at a time. */
export function* csvOf(rowCount: number): Generator<string> {
  yield `${Array.from({ length: columnCount }, (_, column) => `c${column}`).join(',')}\n`;
  let text = '';
  for (let row = 0; row < rowCount; row++) {
    const cells = Array.from({ length: columnCount }, (_, column) => {
      const value = String(cellOf(row, column));
      return value.includes(',') ? `"${value}"` : value;
    });
    text += `${cells.join(',')}\n`;
    if (text.length > 1_000_000) {
      yield text;
      text = '';
    }
  }
  yield text;
}
