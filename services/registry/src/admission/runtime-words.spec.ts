import { expect, it } from 'vitest';
import { runtimeWords } from './runtime-words.js';

it.each([
  [
    "Non-zero status code returned while running Reshape node. Name:'r' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:47 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == size was false. The input tensor cannot be reshaped to the requested shape. Input shape:{1,3}, requested shape:{2}\n",
    'Reshape "r": The input tensor cannot be reshaped to the requested shape. Input shape:{1,3}, requested shape:{2}',
  ],
  [
    "Non-zero status code returned while running Scan node. Name:'' Status Message: /onnxruntime_src/core/x.cc:12 virtual onnxruntime::common::Status onnxruntime::Scan<9>::Compute(onnxruntime::OpKernelContext*) const [with int n = 9] the sizes differ",
    'Scan: the sizes differ',
  ],
  [
    'Got invalid dimensions for input: x for the following indices\n index: 1 Got: 1 Expected: 4\n Please fix either the inputs/outputs or the model.',
    'Got invalid dimensions for input: x for the following indices index: 1 Got: 1 Expected: 4 Please fix either the inputs/outputs or the model.',
  ],
  ['/onnxruntime_src/core/y.h:3 onnxruntime::F::G() a == b was false. ', 'the runtime gives no reason'],
])('what the runtime says is told without its sources', (text, expected) => {
  expect(runtimeWords(text)).toBe(expected);
});

it('a long story ends with a sentence', () => {
  expect(runtimeWords(`It is wrong. ${'and so on '.repeat(50)}`)).toBe('It is wrong.');
});
