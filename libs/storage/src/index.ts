export * from './config.js';
export * from './digest.js';
export * from './errors.js';
export * from './local-store.js';
export * from './object-store.js';
export * from './storage.module.js';
