/** The ways to send a batch. */
export const contentTypes = ['text/csv', 'application/x-ndjson'] as const;
export type ContentType = (typeof contentTypes)[number];

/** The content type without its parameters; undefined when a batch cannot be sent so. */
export function contentTypeOf(header: string | undefined): ContentType | undefined {
  const essence = header?.split(';')[0]?.trim().toLowerCase();
  return contentTypes.find((type) => type === essence);
}
