export * from './generated/prediction/v1/prediction_pb.js';
