import type { Mapping } from './map-inputs.js';

interface Property {
  name: string;
  physicalName?: string;
  customProperties?: { property: string; value: unknown }[];
  [field: string]: unknown;
}

/** Says in a drafted contract which column is the label and which are features. What it says else stays. */
export function withRoles(contract: Record<string, unknown>, target: string, { feeds }: Mapping): Record<string, unknown> {
  const features = new Set(feeds.flatMap(({ columns }) => columns));
  const schema = (contract['schema'] as { properties: Property[] }[]).map((table) => ({
    ...table,
    properties: table.properties.map((property) => {
      const column = property.physicalName ?? property.name;
      const role = column === target ? 'label' : features.has(column) ? 'feature' : undefined;
      if (role === undefined) return property;
      const others = (property.customProperties ?? []).filter((one) => one.property !== 'role');
      // a column the model learns from is no key, however unique it is
      const { primaryKey: _, ...rest } = property;
      return { ...rest, customProperties: [...others, { property: 'role', value: role }] };
    }),
  }));
  return { ...contract, schema };
}
