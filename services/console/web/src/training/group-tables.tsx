import { Table } from '../table';
import type { Evaluation } from './training-api';
import { figure } from './words';

/** How the groups of sensitive columns fare: of classes by rates, of numbers by errors. */
export function GroupTables({ evaluation: { fairness, errorFairness = [] } }: { evaluation: Evaluation }) {
  return (
    <div className="charts">
      {fairness.map((table) => (
        <Table
          key={`${table.column} ${table.class ?? ''}`}
          caption={`Groups of ${table.column}${table.class === undefined ? '' : `, class ${table.class}`}: largest difference of rates ${figure(
            table.demographicParityDifference,
          )}, of hits and false alarms ${figure(table.equalizedOddsDifference)}${leftOutOf(table.leftOut)}`}
          columns={[table.column, 'rows', 'is so', 'said so', 'hits', 'false alarms']}
        >
          {table.groups.map((group) => (
            <tr key={group.value}>
              <th scope="row">{group.value}</th>
              {[group.rowCount, group.baseRate, group.selectionRate, group.truePositiveRate, group.falsePositiveRate].map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
                <td key={at} className="number">
                  {figure(value)}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      ))}
      {errorFairness.map((table) => (
        <Table
          key={table.column}
          caption={`Groups of ${table.column}: mean errors differ by ${figure(table.meanErrorDifference)}, absolute ones by ${figure(
            table.maeDifference,
          )}${leftOutOf(table.leftOut)}`}
          columns={[table.column, 'rows', 'mean', 'mean error', 'mean absolute error', 'RMSE']}
        >
          {table.groups.map((group) => (
            <tr key={group.value}>
              <th scope="row">{group.value}</th>
              {[group.rowCount, group.meanLabel, group.meanError, group.mae, group.rmse].map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
                <td key={at} className="number">
                  {figure(value)}
                </td>
              ))}
            </tr>
          ))}
        </Table>
      ))}
    </div>
  );
}

/** The measure that tells most of each slice beside the number of its rows. */
export function SlicesTable({ evaluation: { slices, measures } }: { evaluation: Evaluation }) {
  const names = measures.map(({ name }) => name).slice(0, 4);
  if (slices.length === 0) return null;
  return (
    <Table caption="Slices of the hold-out" columns={['column', 'value', 'rows', ...names]}>
      {slices.map((slice) => (
        <tr key={`${slice.column} ${slice.value}`}>
          <td>{slice.column}</td>
          <th scope="row">{slice.value}</th>
          <td className="number">{figure(slice.rowCount)}</td>
          {names.map((name) => (
            <td key={name} className="number">
              {figure(slice.measures.find((measure) => measure.name === name)?.value)}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

const leftOutOf = (names: readonly string[]) => (names.length === 0 ? '' : ` (too few rows to count: ${names.join(', ')})`);
