import type { Property } from '../contracts/odcs.schema.js';

const marks = new Set(['personal', 'pii', 'personal data', 'personally identifiable']);

/** True for a column that its contract marks as personal: by `classification`, by a tag, or by the custom property `personal`. */
export function isPersonal(property: Property): boolean {
  const { classification, tags, customProperties } = property as { classification?: unknown; tags?: unknown } & Property;
  const words = [classification, ...(Array.isArray(tags) ? tags : [])];
  if (words.some((word) => typeof word === 'string' && marks.has(word.toLowerCase()))) return true;
  return (customProperties ?? []).some((custom) => custom.property === 'personal' && custom.value === true);
}
