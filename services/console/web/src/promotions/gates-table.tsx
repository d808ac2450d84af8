import { Table } from '../table';
import type { Gate } from './promotions-api';

/** Every rule with its evidence and the room that is left; what is not met comes first. */
export function GatesTable({ gates }: { gates: readonly Gate[] }) {
  const ordered = [...gates].sort((a, b) => Number(a.outcome === 'pass') - Number(b.outcome === 'pass'));
  return (
    <Table className="gates" columns={['rule', 'outcome', 'margin', 'evidence']}>
      {ordered.map(({ gate, outcome, reasons, margin }) => (
        <tr key={gate}>
          <th scope="row">{gate}</th>
          <td>
            <span className={outcome === 'pass' ? 'tag good' : 'tag bad'}>{outcome === 'pass' ? 'met' : 'not met'}</span>
          </td>
          <td className="number">{margin === undefined ? '' : Number(margin.toPrecision(4)).toLocaleString('en')}</td>
          <td>{reasons.join('; ')}</td>
        </tr>
      ))}
    </Table>
  );
}

/** How many rules are met, and which are not. */
export function GatesSummary({ gates }: { gates: readonly Gate[] }) {
  const failed = gates.filter(({ outcome }) => outcome === 'fail');
  if (failed.length === 0) return <span className="good">all {gates.length} rules met</span>;
  return (
    <span className="bad">
      {failed.length} of {gates.length} rules not met: {failed.map(({ gate }) => gate).join(', ')}
    </span>
  );
}
