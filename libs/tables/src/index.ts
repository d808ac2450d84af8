export { type CellValue, columnTypes, type WrittenColumn } from './column-buffer.js';
export * from './compression.js';
export * from './encoding.js';
export * from './errors.js';
export * from './limits.js';
export * from './open-table.js';
export * from './table.js';
export * from './write-table.js';
