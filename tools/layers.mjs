/** Which layer a project is in, by its tag in package.json, and which layers it may import. */
export const mayImport = {
  pure: ['pure'],
  platform: ['pure'],
  adapter: ['pure', 'platform', 'adapter'],
  service: ['pure', 'platform', 'adapter'],
  tool: ['pure', 'platform', 'adapter', 'tool'],
  testing: ['pure', 'platform', 'adapter', 'tool', 'testing'],
  example: ['pure'],
  e2e: ['pure', 'testing', 'tool', 'e2e'],
  benchmark: ['pure', 'platform', 'adapter', 'tool'],
};

/** Projects that may import less than their layer. */
export const onlyThese = {
  '@bascule/contracts': ['zod'],
  '@bascule/example-birdstrikes': ['@bascule/contracts', '@bascule/proofs'],
  '@bascule/e2e': ['@bascule/contracts', '@bascule/testing', '@bascule/launcher'],
};

/** Whether a rule of `onlyThese` looks at all packages or at ours only. */
export const looksAtAllPackages = new Set(['@bascule/contracts']);

/** A file in which test support may be imported. */
export function isTestFile(path) {
  return /\.spec\.tsx?$/.test(path) || /(^|\/)test\//.test(path);
}
