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

export interface MinimiseOptions {
  /** Stops when the largest gradient entry is below it. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  readonly remembered?: number;
  /** Strength of a penalty on the absolute values of the first `penalised` entries. */
  readonly l1?: number;
  readonly penalised?: number;
}

/** The steepest way down where absolute values have a corner at 0 (Andrew and Gao 2007). */
function steepest(point: Float64Array, gradient: Float64Array, l1: number, penalised: number): Float64Array {
  if (l1 === 0) return gradient;
  return gradient.map((entry, i) => {
    if (i >= penalised) return entry;
    if (point[i]! !== 0) return entry + Math.sign(point[i]!) * l1;
    if (entry + l1 < 0) return entry + l1;
    return Math.max(entry - l1, 0);
  });
}

function absolutes(point: Float64Array, penalised: number): number {
  let sum = 0;
  for (let i = 0; i < penalised; i++) sum += Math.abs(point[i]!);
  return sum;
}

/** With a corner at 0 a step goes down along every entry, and stops where an entry would change its sign. */
function keepOrthant(next: Float64Array, point: Float64Array, down: Float64Array, penalised: number): void {
  for (let i = 0; i < penalised; i++) {
    const side = point[i]! !== 0 ? Math.sign(point[i]!) : -Math.sign(down[i]!);
    if (next[i]! * side < 0) next[i] = 0;
  }
}

/**
 * Minimises a smooth convex function, and absolute values if asked, with L-BFGS (OWL-QN for the corners) and a backtracking
 * line search; no randomness.
 */
export function minimise(
  objective: Objective,
  size: number,
  { tolerance = 1e-6, maxIterations = 1000, remembered = 20, l1 = 0, penalised = size }: MinimiseOptions = {},
): Minimum {
  let point = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const memory: Step[] = [];
  for (let iterations = 0; iterations < maxIterations; iterations++) {
    const down = steepest(point, gradient, l1, penalised);
    if (down.every((entry) => Math.abs(entry) < tolerance)) return { point, value, iterations, hasConverged: true };
    const direction = quasiNewtonDirection(down, memory);
    if (l1 > 0) for (let i = 0; i < penalised; i++) if (direction[i]! * down[i]! >= 0) direction[i] = 0;
    const slope = dot(direction, down);
    let length = memory.length === 0 ? 1 / Math.sqrt(dot(down, down)) : 1;
    const nextGradient = new Float64Array(size);
    let next = point;
    let nextValue = Number.POSITIVE_INFINITY;
    for (; length > 1e-14; length /= 2) {
      next = point.slice();
      addScaled(next, direction, length);
      if (l1 > 0) keepOrthant(next, point, down, penalised);
      nextValue = objective(next, nextGradient) + (l1 > 0 ? l1 * absolutes(next, penalised) : 0);
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
