import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import type { ProblemItem } from './define-error.js';
import { invalidRequest } from './errors.js';

type PathSegment = PropertyKey | { readonly key: PropertyKey };

/** Validates bodies, queries and path parameters; every fault names the value it is about. */
export class RequestValidationPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(value: Value, metadata: ArgumentMetadata): Promise<Value> {
    const { schema, data } = metadata;
    if (!schema || !this.toValidate(metadata)) return value;
    this.stripProtoKeys(value);
    const result = await this.validate(value, schema, undefined);
    if (!result.issues) return result.value as Value;
    // a single parameter is validated alone: its schema does not know its name
    const parameter = data === undefined ? [] : [data];
    throw refusalOf(
      result.issues.slice(0, 100).map(({ message, path }) => ({ path: [...parameter, ...(path ?? [])].map(nameOf).join('.'), message })),
    );
  }
}

/** A refused request with every fault it has; the first three are told in words. */
export function refusalOf(errors: readonly ProblemItem[]) {
  const told = errors.slice(0, 3).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return invalidRequest({ errors }, told.join('; '));
}

function nameOf(segment: PathSegment): string {
  return String(typeof segment === 'object' ? segment.key : segment);
}
