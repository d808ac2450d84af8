export * as grpcHealth from './generated/grpc/health/v1/health_pb.js';
export * as inference from './generated/inference/v2/inference_pb.js';
export * as onnx from './generated/onnx/onnx_pb.js';
export * from './generated/prediction/v1/prediction_pb.js';
export * from './plain-value.js';
export * from './prediction-block.js';
