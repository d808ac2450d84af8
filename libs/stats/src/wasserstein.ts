/** First Wasserstein distance of two weighted samples on a line (scipy's wasserstein_distance; not normalised). */
export function wasserstein(
  u: ArrayLike<number>,
  v: ArrayLike<number>,
  uWeights?: ArrayLike<number>,
  vWeights?: ArrayLike<number>,
): number {
  const points: { at: number; mass: number }[] = [];
  const add = (values: ArrayLike<number>, weights: ArrayLike<number> | undefined, sign: number) => {
    let total = 0;
    for (let i = 0; i < values.length; i++) total += weights?.[i] ?? 1;
    for (let i = 0; i < values.length; i++) points.push({ at: values[i]!, mass: (sign * (weights?.[i] ?? 1)) / total });
  };
  add(u, uWeights, 1);
  add(v, vWeights, -1);
  points.sort((a, b) => a.at - b.at);
  let distance = 0;
  let difference = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    difference += points[i]!.mass;
    distance += Math.abs(difference) * (points[i + 1]!.at - points[i]!.at);
  }
  return distance;
}
