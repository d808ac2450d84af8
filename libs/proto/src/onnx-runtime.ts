/** What onnxruntime calls the datatypes of the Open Inference Protocol that it carries to and from JavaScript. */
export const onnxTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const;

export type OnnxType = (typeof onnxTypes)[keyof typeof onnxTypes];

/** The runtime's name of a datatype of the Open Inference Protocol; undefined when it cannot be computed. */
export function onnxTypeOf(datatype: string): OnnxType | undefined {
  return (onnxTypes as Partial<Record<string, OnnxType>>)[datatype];
}

/** How a model is run, when it is tried and when it serves: one thread, since more fight for the same cores, and no memory kept for later. */
export const sessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  enableCpuMemArena: false,
  logSeverityLevel: 4,
} as const;
