export * from './bounded-content.js';
export * from './resumable-uploads.js';
export * from './tus.controller.js';
export * from './tus-headers.js';
export * from './upload.entity.js';
export * from './upload-errors.js';
export * from './upload-files.js';
