/** Root of `f` between two arguments of opposite sign: Brent's method, step for step as in R's `uniroot`, so that its published answers are met. */
export function findRoot(f: (x: number) => number, low: number, high: number, tolerance: number, maxSteps = 1000): number {
  let [a, b, c] = [low, high, low];
  let [fa, fb] = [f(low), f(high)];
  let fc = fa;
  if (fa === 0) return a;
  for (let step = 0; step <= maxSteps; step++) {
    const previous = b - a;
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const accuracy = 2 * Number.EPSILON * Math.abs(b) + tolerance / 2;
    let next = (c - b) / 2;
    if (Math.abs(next) <= accuracy || fb === 0) return b;
    if (Math.abs(previous) >= accuracy && Math.abs(fa) > Math.abs(fb)) {
      const interpolated = interpolate(a, b, c, fa, fb, fc, previous, accuracy);
      if (interpolated !== undefined) next = interpolated;
    }
    if (Math.abs(next) < accuracy) next = next > 0 ? accuracy : -accuracy;
    a = b;
    fa = fb;
    b += next;
    fb = f(b);
    if ((fb > 0 && fc > 0) || (fb < 0 && fc < 0)) {
      c = a;
      fc = fa;
    }
  }
  return b;
}

function interpolate(a: number, b: number, c: number, fa: number, fb: number, fc: number, previous: number, accuracy: number) {
  const cb = c - b;
  let p: number;
  let q: number;
  if (a === c) {
    p = cb * (fb / fa);
    q = 1 - fb / fa;
  } else {
    const r = fa / fc;
    const s = fb / fc;
    const t = fb / fa;
    p = t * (cb * r * (r - s) - (b - a) * (s - 1));
    q = (r - 1) * (s - 1) * (t - 1);
  }
  if (p > 0) q = -q;
  else p = -p;
  return p < 0.75 * cb * q - Math.abs(accuracy * q) / 2 && p < Math.abs((previous * q) / 2) ? p / q : undefined;
}
