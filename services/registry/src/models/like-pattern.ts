/** Glob patterns of a credential as SQL LIKE patterns. */
export function likePatterns(globs: readonly string[]): string[] {
  return globs.map((glob) => glob.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%'));
}
