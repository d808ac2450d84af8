import { describe, expect, it } from 'vitest';
import { unanswered } from './call-service.js';

describe('no answer', () => {
  it('is told as the patience of the tool when that has ended, longer where a model is tried', async () => {
    const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(unanswered('registry', timeout, false)).toContain('this tool waited 30 s for registry and gave up');
    // a model has 30 s, others before it as well
    expect(unanswered('registry', timeout, true)).toContain('this tool waited 120 s for registry and gave up');
    expect(unanswered('registry', new TypeError('fetch failed'), false)).toContain('registry does not answer (fetch failed)');
  });
});
