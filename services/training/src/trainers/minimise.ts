/** Value at a point; writes the gradient into `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly hasConverged: boolean;
}

interface Step {
  readonly moved: Float64Array;
  readonly bent: Float64Array;
  readonly scale: number;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const addScaled = (target: Float64Array, source: Float64Array, factor: number): void => {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * source[i]!;
};

/** Two-loop recursion: the gradient times an inverse Hessian remembered from the last steps. */
function quasiNewtonDirection(gradient: Float64Array, memory: readonly Step[]): Float64Array {
  const direction = gradient.slice();
  const weights = new Array<number>(memory.length);
  for (let k = memory.length - 1; k >= 0; k--) {
    const { moved, bent, scale } = memory[k]!;
    weights[k] = scale * dot(moved, direction);
    addScaled(direction, bent, -weights[k]!);
  }
  const last = memory.at(-1);
  if (last) {
    const factor = 1 / (last.scale * dot(last.bent, last.bent));
    for (let i = 0; i < direction.length; i++) direction[i] = direction[i]! * factor;
  }
  for (const [k, { moved, bent, scale }] of memory.entries()) {
    addScaled(direction, moved, weights[k]! - scale * dot(bent, direction));
  }
  for (let i = 0; i < direction.length; i++) direction[i] = -direction[i]!;
  return direction;
}

/**
 * Minimises a smooth convex function with L-BFGS and a backtracking line search; no randomness.
 * @param tolerance stops when the largest gradient entry is below it
 */
export function minimise(
  objective: Objective,
  size: number,
  { tolerance = 1e-6, maxIterations = 1000, remembered = 20 }: { tolerance?: number; maxIterations?: number; remembered?: number } = {},
): Minimum {
  let point = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const memory: Step[] = [];
  for (let iterations = 0; iterations < maxIterations; iterations++) {
    if (gradient.every((entry) => Math.abs(entry) < tolerance)) return { point, value, iterations, hasConverged: true };
    const direction = quasiNewtonDirection(gradient, memory);
    const slope = dot(direction, gradient);
    let length = memory.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    const nextGradient = new Float64Array(size);
    let next = point;
    let nextValue = Number.POSITIVE_INFINITY;
    for (; length > 1e-14; length /= 2) {
      next = point.slice();
      addScaled(next, direction, length);
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
    }
    if (!(nextValue < value)) return { point, value, iterations, hasConverged: false };
    const moved = next.slice();
    addScaled(moved, point, -1);
    const bent = nextGradient.slice();
    addScaled(bent, gradient, -1);
    const curvature = dot(moved, bent);
    if (curvature > 1e-12) memory.push({ moved, bent, scale: 1 / curvature });
    if (memory.length > remembered) memory.shift();
    point = next;
    gradient = nextGradient;
    value = nextValue;
  }
  return { point, value, iterations: maxIterations, hasConverged: false };
}
