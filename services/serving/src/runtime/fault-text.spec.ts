import { expect, it } from 'vitest';
import { faultText } from './fault-text.js';

it('keeps what is wrong and drops where the source lies', () => {
  expect(faultText("running /layer1/Gather node: /build/onnxruntime_src/core/tensor/gather.h:120 index 7 out of bounds '/out/x'")).toBe(
    "running /layer1/Gather node: gather.h:120 index 7 out of bounds '/out/x'",
  );
});

it('names the datatype that the runtime tells by number', () => {
  expect(faultText('Unsupported data type: 16')).toBe('Unsupported data type: BF16');
});
