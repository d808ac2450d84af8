import { readFileSync } from 'node:fs';
import { serviceNames } from '@bascule/contracts';
import { z } from 'zod';
import { roleKeys } from './secrets-file.js';

const endpoint = z.object({
  url: z.string(),
  /** One per replica; the first is `url`. */
  urls: z.array(z.string()),
  adminUrl: z.string(),
  adminUrls: z.array(z.string()),
  grpcUrl: z.string().optional(),
  grpcUrls: z.array(z.string()).optional(),
});

/** What DIR/stack.json says while a stack is up: where everything is. */
export const stackFile = z.object({
  services: z.object(
    Object.fromEntries(serviceNames.map((name) => [name, endpoint])) as Record<(typeof serviceNames)[number], typeof endpoint>,
  ),
  /** Gateways of other environments than production, by its name. */
  environments: z.record(z.string(), endpoint).optional(),
  console: z.object({ url: z.string(), adminUrl: z.string() }),
  nats: z.object({ url: z.string() }),
  postgres: z.object({ url: z.string() }),
  keys: roleKeys,
  pid: z.int(),
  startedAt: z.string(),
  /** From the launcher's start to every service ready. */
  readyMs: z.number(),
});
export type StackFile = z.infer<typeof stackFile>;
export type Endpoint = z.infer<typeof endpoint>;

/** Reads stack.json; undefined when no stack has written one. */
export function readStackFile(path: string): StackFile | undefined {
  try {
    return stackFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
