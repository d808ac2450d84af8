import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { contextOf, formatTraceparent } from './trace-context.js';

describe('a traceparent', () => {
  it('becomes the remote parent of the next span and back', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const span = trace.getSpanContext(contextOf(traceparent));
    expect(span).toMatchObject({ isRemote: true });
    expect(formatTraceparent(span!)).toBe(traceparent);
  });

  it.each([undefined, '', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
    'of %j starts a new trace',
    (traceparent) => {
      expect(contextOf(traceparent)).toBe(ROOT_CONTEXT);
    },
  );
});
