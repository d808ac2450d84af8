export * from './eventually.js';
export * from './open-bodies.js';
export * from './stops.js';
export * from './temporary-folder.js';
export * from './test-database.js';
export * from './test-issuer.js';
export * from './test-nats.js';
export * from './test-postgres.js';
