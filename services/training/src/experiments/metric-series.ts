/** One number that a run measured, as it told. */
export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly step?: number | undefined;
  readonly at: string;
  readonly attempt: number;
}

export interface MetricSeries {
  readonly name: string;
  readonly points: readonly { readonly step: number; readonly value: number; readonly at: string }[];
}

const maxPoints = 1_000;

/** Curves of what a run measured: a name each, in the order of the steps; of a long one, so many points and both ends. */
export function seriesOf(measured: readonly Measured[]): MetricSeries[] {
  const names = [...new Set(measured.map(({ name }) => name))].sort();
  return names.map((name) => {
    const own = measured.filter((one) => one.name === name);
    // an attempt that began anew measures the same steps again: the later one counts
    const bySteps = new Map(own.map(({ step, value, at }, index) => [step ?? index, { step: step ?? index, value, at }]));
    return { name, points: thin([...bySteps.values()].sort((a, b) => a.step - b.step)) };
  });
}

function thin<Point>(points: readonly Point[]): readonly Point[] {
  if (points.length <= maxPoints) return points;
  const stride = (points.length - 1) / (maxPoints - 1);
  return Array.from({ length: maxPoints }, (_, at) => points[Math.round(at * stride)]!);
}
