import type { ServiceName } from '@bascule/contracts';
import type { StackFile } from '@bascule/launcher';
import { z } from 'zod';
import { CommandError } from './running-stack.js';

const problem = z.object({ title: z.string(), detail: z.string().optional(), remedy: z.string().optional() });

export interface Call {
  service: ServiceName;
  role: keyof StackFile['keys'];
  path: string;
  body?: unknown;
}

/** Calls a service's public API; a refusal is told in the service's own words. */
export async function callService<T>(info: StackFile, schema: z.ZodType<T>, { service, role, path, body }: Call): Promise<T> {
  let response: Response;
  try {
    response = await fetch(info.services[service].url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${info.keys[role]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new CommandError(`${service} does not answer (${(error as Error).message}); see: npm run bascule -- logs ${service}`);
  }
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw new CommandError(wordsOf(service, response.status, answer));
  return schema.parse(answer);
}

function wordsOf(service: string, status: number, answer: unknown): string {
  const { success, data } = problem.safeParse(answer);
  if (!success) return `${service} answered ${status}`;
  // a detail is mostly the title with the particulars
  const what = data.detail?.startsWith(data.title) ? data.detail : [data.title, data.detail].filter(Boolean).join('\n');
  return [what, data.remedy].filter(Boolean).join('\n');
}
