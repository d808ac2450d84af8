const versions = new WeakMap<object, number>();

/** Keeps with an error which version it came from. @returns the error */
export function failedBy(version: number, error: unknown): unknown {
  if (typeof error === 'object' && error !== null) versions.set(error, version);
  return error;
}

/** The version that an error came from, where one was asked at all. */
export function failedVersionOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null ? versions.get(error) : undefined;
}
