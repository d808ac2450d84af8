import { readFileSync } from 'node:fs';
import { z } from 'zod';

const service = z.object({ url: z.url(), urls: z.array(z.url()).min(1) });
const stackFile = z.object({
  services: z.object({
    ingestion: service,
    training: service,
    registry: service,
    serving: service,
    monitoring: service,
    governance: service,
  }),
  keys: z.object({
    client: z.string(),
    operator: z.string(),
    scientist: z.string(),
    approver: z.string(),
    auditor: z.string(),
    admin: z.string(),
  }),
});
export type Stack = z.infer<typeof stackFile>;

/** Reads where the services are and the keys to talk to them, as written by the launcher. */
export function readStack(path: string): Stack {
  return stackFile.parse(JSON.parse(readFileSync(path, 'utf8')));
}
