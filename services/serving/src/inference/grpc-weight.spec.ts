import { inference } from '@bascule/proto';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { messageFault } from './grpc-weight.js';

const schema = inference.ModelInferRequestSchema;
type Init = Parameters<typeof create<typeof schema>>[1];
const written = (init: Init) => toBinary(schema, create(schema, init));
const input = (contents: object, name = 'x') => written({ modelName: 'm', inputs: [{ name, datatype: 'INT64', shape: [1n], contents }] });
const many = <T>(count: number, value: T) => new Array<T>(count).fill(value);

/** A field of bytes by its number, as it is on the wire. */
function delimited(number: number, content: Uint8Array): Buffer {
  const head = [number * 8 + 2];
  let rest = content.length;
  for (; rest > 127; rest = Math.floor(rest / 128)) head.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), content]);
}

describe('the weight of a gRPC request', () => {
  it.each([
    ['as many FP32 as a body can hold', input({ fp32Contents: many(4_190_000, 1.5) })],
    ['as many FP64', input({ fp64Contents: many(2_090_000, 1.5) })],
    ['a million integers of 64 bits', input({ int64Contents: many(1_000_000, 5n) })],
    ['half a million texts', input({ bytesContents: many(500_000, new Uint8Array(1)) })],
    ['raw bytes', written({ inputs: [{ name: 'x', shape: [1n] }], rawInputContents: [new Uint8Array(16_000_000)] })],
    ['nothing', new Uint8Array()],
  ])('lets %s through', (_, message) => expect(messageFault(message)).toBeUndefined());

  it.each([
    ['int64_contents', delimited(3, Buffer.alloc(16_000_000, 1))],
    ['uint64_contents', delimited(5, Buffer.alloc(2_000_000, 1))],
    ['bool_contents', delimited(1, Buffer.alloc(16_000_000, 1))],
    ['int_contents', delimited(2, Buffer.alloc(16_000_000, 1))],
    ['bytes_contents', Buffer.alloc(4_000_000, Buffer.from([0x42, 0]))],
    // not packed: a tag in front of each
    ['int64_contents', Buffer.alloc(16_000_000, Buffer.from([0x18, 1]))],
  ])('refuses millions of values in %s and names the input', (field, contents) => {
    const tensor = Buffer.concat([delimited(5, contents), delimited(1, Buffer.from('größe'))]);
    expect(messageFault(delimited(5, tensor))).toMatchObject({
      isTooHeavy: true,
      reason: expect.stringMatching(`^input "größe": ${field} has more elements`),
    });
  });

  it.each([
    ['empty inputs', Buffer.from([0x2a, 0])],
    ['empty outputs', Buffer.from([0x32, 0])],
    ['empty raw parts', Buffer.from([0x3a, 0])],
    ['empty parameters', Buffer.from([0x22, 0])],
  ])('refuses a million %s', (_, part) =>
    expect(messageFault(Buffer.alloc(2_000_000, part))).toMatchObject({
      isTooHeavy: true,
      reason: expect.stringMatching('too many parts'),
    }),
  );

  it('refuses an endless shape', () => {
    const tensor = Buffer.concat([delimited(1, Buffer.from('x')), delimited(3, Buffer.alloc(8_000_000, 1))]);
    expect(messageFault(delimited(5, tensor))?.reason).toMatch(/input "x": shape/);
  });

  it('reads what is well formed, fields that nobody knows too', () => {
    const message = written({
      modelName: 'm',
      id: 'i',
      parameters: {
        a: { parameterChoice: { case: 'doubleParam', value: 1.5 } },
        b: { parameterChoice: { case: 'int64Param', value: -1n } },
      },
      inputs: [{ name: 'x', shape: [-1n, 2n], contents: { intContents: [-1, 5], fp64Contents: [1] }, parameters: { c: {} } }],
      outputs: [{ name: 'y', parameters: { d: { parameterChoice: { case: 'stringParam', value: 's' } } } }],
    });
    expect(messageFault(message)).toBeUndefined();
    expect(messageFault(Buffer.concat([message, Buffer.from([0x78, 1]), delimited(99, Buffer.alloc(3))]))).toBeUndefined();
  });

  it.each([
    ['torn', delimited(5, Buffer.alloc(10)).subarray(0, 8)],
    ['with an input that is longer than the message says', delimited(5, delimited(5, Buffer.alloc(40)).subarray(0, 6))],
    ['with contents longer than their input', Buffer.concat([delimited(5, Buffer.from([0x2a, 100])), Buffer.alloc(100, 1)])],
    ['with a group in front', Buffer.concat([Buffer.from([0x7b, 0x7c]), input({ int64Contents: [1n] })])],
    ['with a number where a message belongs', Buffer.from([0x28, 5])],
    ['with a torn number', delimited(5, delimited(5, delimited(3, Buffer.alloc(3, 0xff))))],
    ['of zeros', Buffer.alloc(1_000)],
  ])('refuses a message %s', (_, message) => expect(messageFault(message)).toMatchObject({ isTooHeavy: false }));

  it('sees a field whose tag is written in ten bytes', () => {
    const longTag = Buffer.from([0xaa, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0]);
    expect(messageFault(Buffer.alloc(11 * 200_000, longTag))).toMatchObject({ isTooHeavy: true });
  });
});
