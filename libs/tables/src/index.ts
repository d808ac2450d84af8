export * from './compression.js';
export * from './encoding.js';
export * from './errors.js';
export * from './limits.js';
export * from './open-table.js';
export { type CellValue, columnTypes, ParquetFile, type WrittenColumn } from './parquet-file.js';
export * from './table.js';
export * from './write-table.js';
