import { exactMoment } from '../moment';
import { Table } from '../table';
import type { Comparison, MetricFinding } from './rollout-api';

const says: Record<MetricFinding['status'], string> = {
  harm: 'harm',
  suspected: 'harm suspected',
  fine: 'no harm',
  waiting: 'waits for evidence',
  off: 'nothing to say',
};
const tone: Record<MetricFinding['status'], string> = { harm: 'tag bad', suspected: 'tag', fine: 'tag good', waiting: 'tag', off: 'quiet' };
const names: Record<string, string> = {
  errors: 'failed requests',
  latency: 'latency',
  outputs: 'distribution of outputs',
  disagreement: 'disagreement on copies',
  calibration: 'calibration',
  business: 'declared metric',
  labels: 'log loss on labels',
};

/** What each metric says about the version at this moment, why, and with which figures. */
export function JudgeTable({ judge }: { judge: NonNullable<Comparison['judge']> }) {
  return (
    <Table className="judge" columns={['metric', 'says', 'why']} caption={`as judged at ${exactMoment(judge.at)}`}>
      {judge.findings.map(({ metric, status, reason, figures }) => (
        <tr key={metric}>
          <th scope="row">{names[metric] ?? metric}</th>
          <td>
            <span className={tone[status]}>{says[status]}</span>
          </td>
          <td>
            {reason}
            <Figures of={figures} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Figures by name, folded away until somebody asks. */
export function Figures({ of }: { of: Readonly<Record<string, number>> }) {
  const figures = Object.entries(of);
  if (figures.length === 0) return null;
  return (
    <details>
      <summary>every figure</summary>
      <table>
        <tbody>
          {figures.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{value.toLocaleString('en', { maximumSignificantDigits: 4 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
