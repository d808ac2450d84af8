import { Fragment } from 'react';
import { Table } from '../table';
import type { Comparison, Judgement, Side } from './rollout-api';

interface Row {
  readonly name: string;
  readonly of: (side: Side) => string;
}

const number = (value: number | undefined, digits: number) => (value === undefined ? '–' : value.toFixed(digits));
const rows: readonly Row[] = [
  { name: 'requests', of: ({ requests }) => requests.toLocaleString('en') },
  {
    name: 'failed',
    of: ({ failed, requests }) => `${failed.toLocaleString('en')} (${number(requests ? (100 * failed) / requests : 0, 2)} %)`,
  },
  { name: 'median latency, ms', of: ({ latencyMedianMs }) => number(latencyMedianMs, 1) },
  { name: '95 % latency, ms', of: ({ latencyP95Ms }) => number(latencyP95Ms, 1) },
  { name: 'mean score of the step', of: ({ meanScore }) => number(meanScore, 3) },
  { name: 'labelled answers of the step', of: ({ labelled }) => labelled.toLocaleString('en') },
  { name: 'log loss of the step', of: ({ logLoss }) => number(logLoss, 3) },
];
const metricRows: readonly Row[] = [
  { name: 'declared metric of the test', of: ({ metricMean }) => number(metricMean, 4) },
  {
    name: 'its interval',
    of: ({ metricLow, metricHigh }) => (metricLow === undefined ? '–' : `${number(metricLow, 3)} to ${number(metricHigh, 3)}`),
  },
  { name: 'its cases', of: ({ metricCases = 0 }) => metricCases.toLocaleString('en') },
];

/** The figures of both versions as they stand now, in words for whoever does not see the charts. */
export function SideBySide({ comparison, latest }: { comparison: Comparison; latest: Judgement | undefined }) {
  const last = comparison.series.at(-1);
  if (!last) return null;
  return (
    <Table
      className="side-by-side"
      caption={latest && `last verdict: ${latest.verdict.replace('-', ' ')}`}
      columns={[
        'since the beginning',
        <Fragment key="champion">
          <span className="swatch of-champion" /> version {comparison.championVersion ?? '–'} (champion)
        </Fragment>,
        <Fragment key="candidate">
          <span className="swatch of-candidate" /> version {comparison.version}
        </Fragment>,
      ]}
    >
      {(last.canary.metricCases || last.champion.metricCases ? [...rows, ...metricRows] : rows).map(({ name, of }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td className="number">{of(last.champion)}</td>
          <td className="number">{of(last.canary)}</td>
        </tr>
      ))}
    </Table>
  );
}
