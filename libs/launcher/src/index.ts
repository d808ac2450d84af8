export * from './child-process.js';
export * from './nats-binary.js';
export * from './ports.js';
export * from './postgres-binaries.js';
export * from './server-user.js';
export * from './start-nats.js';
export * from './start-postgres.js';
