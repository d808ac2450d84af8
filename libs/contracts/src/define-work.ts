import type { z } from 'zod';
import { type ServiceName, serviceNames } from './define-event.js';

/** Work that one service hands out to its own replicas through the stream JOBS: each message is taken by one of them. */
export interface WorkDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly service: ServiceName;
  readonly work: string;
  readonly version: number;
  /** Field of the data that names what the work belongs to; it ends the NATS subject, so that its messages can be taken back. */
  readonly subjectField: string;
  readonly schema: Schema;
}

/** What a handler of work gets: an envelope with its data. */
export type WorkOf<Definition> =
  Definition extends WorkDefinition<string, infer Schema> ? { readonly id: string; readonly data: z.infer<Schema> } : never;

const typePattern = /^jobs\.([a-z]+)\.([a-z-]+)\.v([1-9]\d*)$/;

/**
 * Defines work once.
 * @param type `jobs.<service>.<work>.v<N>`
 * @throws when the type is not of that form
 */
export function defineWork<const Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  definition: { subject: Extract<keyof Shape, string>; data: z.ZodObject<Shape> },
): WorkDefinition<Type, z.ZodObject<Shape>> {
  const [, name, work, version] = typePattern.exec(type) ?? [];
  const service = serviceNames.find((each) => each === name);
  if (!service || !work) throw new Error(`type ${type} is not jobs.<service>.<work>.v<N>`);
  return { type, service, work, version: Number(version), subjectField: definition.subject, schema: definition.data };
}

/** The subject of the work for one thing; with `>` instead of an id, of all of it. */
export function workSubject({ type }: WorkDefinition, id: string): string {
  return `${type}.${id}`;
}
