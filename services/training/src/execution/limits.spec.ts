import { describe, expect, it } from 'vitest';
import { faultsOfLimits, type Kernel, limitedCommand } from './limits.js';

const able: Kernel = { memory: true, cpus: true, network: true, cpuCount: 4 };
const unable: Kernel = { memory: false, cpus: false, network: false, cpuCount: 4 };

describe('limits', () => {
  it('are refused one by one where the kernel does not keep them', () => {
    expect(faultsOfLimits({ memoryMb: 512, cpus: 2, network: 'none', seconds: 60 }, unable)).toHaveLength(3);
    expect(faultsOfLimits({ seconds: 60 }, unable)).toEqual([]);
    expect(faultsOfLimits({ memoryMb: 512, cpus: 2, network: 'none' }, able)).toEqual([]);
  });

  it('are refused when there is not as much', () => {
    expect(faultsOfLimits({ cpus: 5 }, able)).toEqual(['5 CPUs are asked for, there are 4']);
  });

  it('are set before the program starts', () => {
    expect(limitedCommand(['train', 'x'], { memoryMb: 512, cpus: 2, network: 'none', seconds: 10 }, able).join(' ')).toBe(
      'prlimit --core=0 --cpu=80 --as=536870912 taskset -c 0-1 unshare --map-root-user --net train x',
    );
    expect(limitedCommand(['train'], {}, unable)).toEqual(['train']);
  });
});
