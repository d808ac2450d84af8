import { describe, expect, it } from 'vitest';
import { minimise } from './minimise.js';

describe('minimise', () => {
  it('finds the minimum of a badly scaled quadratic', () => {
    const { point, hasConverged } = minimise((x, gradient) => {
      gradient[0] = 2 * (x[0]! - 3);
      gradient[1] = 2000 * (x[1]! + 1);
      return (x[0]! - 3) ** 2 + 1000 * (x[1]! + 1) ** 2;
    }, 2);
    expect(hasConverged).toBe(true);
    expect(point[0]).toBeCloseTo(3, 5);
    expect(point[1]).toBeCloseTo(-1, 5);
  });

  it('stops at once where the gradient is zero', () => {
    expect(minimise(() => 0, 3)).toMatchObject({ iterations: 0, hasConverged: true });
  });

  it('says so when it runs out of iterations', () => {
    const far = minimise(
      (x, gradient) => {
        gradient[0] = -Math.exp(-x[0]!);
        return Math.exp(-x[0]!);
      },
      1,
      { maxIterations: 2 },
    );
    expect(far.hasConverged).toBe(false);
  });
});
