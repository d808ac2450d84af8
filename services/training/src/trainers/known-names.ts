import { z } from 'zod';

/** An object whose names are all known: a misspelt limit must not be forgotten in silence. The fault names those that are known. */
export function knownNames<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `knows no ${issue.keys.join(', ')}; known are ${known}` : undefined),
  });
}
