type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * JSON bodies of requests that take fields nobody knows: a misspelt one would be lost without a word.
 * @param document the OpenAPI description of a service
 * @returns operation and place of each, for example `POST /v1/freeze body.override`
 */
export function openBodies(document: unknown): string[] {
  const { paths, components } = document as { paths: Record<string, Record<string, Json>>; components?: { schemas?: Json } };
  const found: string[] = [];
  const walk = (schema: unknown, place: string, seen: readonly string[]): void => {
    if (Array.isArray(schema)) {
      for (const part of schema) walk(part, place, seen);
      return;
    }
    if (!isObject(schema)) return;
    const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1)! : undefined;
    if (name !== undefined && !seen.includes(name)) walk(components?.schemas?.[name], place, [...seen, name]);
    if (isObject(schema['properties'])) {
      if (schema['additionalProperties'] !== false) found.push(place);
      for (const [field, inner] of Object.entries(schema['properties'])) walk(inner, `${place}.${field}`, seen);
    }
    for (const key of ['items', 'anyOf', 'oneOf', 'allOf']) walk(schema[key], place, seen);
  };
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(operations)) {
      const content = isObject(requestBody) ? requestBody['content'] : undefined;
      const json = isObject(content) ? content['application/json'] : undefined;
      if (isObject(json)) walk(json['schema'], `${method.toUpperCase()} ${path} body`, []);
    }
  }
  return found;
}
