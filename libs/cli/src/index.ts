export * from './program.js';
export * from './running-stack.js';
export * from './story.js';
