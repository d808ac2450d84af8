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
  /** Of a call with a body; POST when absent. */
  method?: 'POST' | 'PUT';
  /** A model is tried before the answer comes. */
  isProbed?: boolean;
}

const patienceMs = 30_000;
/** A model has so long to answer, see the registry's settings; those that came earlier are tried first. */
const probeMs = Number(process.env['PROBE_TIMEOUT_MS']) || 30_000;
const probePatienceMs = 3 * probeMs + patienceMs;

/** Calls a service's public API; a refusal is told in the service's own words. */
export async function callService<T>(info: StackFile, schema: z.ZodType<T>, call: Call): Promise<T> {
  const { body, method = 'POST', isProbed = false } = call;
  const sent = body === undefined ? {} : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return ask(info, schema, call, { ...sent, signal: AbortSignal.timeout(isProbed ? probePatienceMs : patienceMs) });
}

/** Sends a file as the body of a call, however long it takes. */
export async function sendFile<T>(
  info: StackFile,
  schema: z.ZodType<T>,
  call: Omit<Call, 'body'>,
  body: ReadableStream,
  contentType: string,
): Promise<T> {
  const headers = { 'content-type': contentType };
  return ask(info, schema, call, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
}

async function ask<T>(
  info: StackFile,
  schema: z.ZodType<T>,
  { service, role, path, isProbed = false }: Call,
  init: RequestInit,
): Promise<T> {
  let response: Response;
  try {
    const headers = { ...(init.headers as Record<string, string> | undefined), authorization: `Bearer ${info.keys[role]}` };
    response = await fetch(info.services[service].url + path, { ...init, headers });
  } catch (error) {
    throw new CommandError(unanswered(service, error as Error, isProbed));
  }
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw new CommandError(wordsOf(service, response.status, answer));
  return schema.parse(answer);
}

/** What to tell when no answer came: whose patience ended, or that nobody is there. */
export function unanswered(service: string, error: Error, isProbed: boolean): string {
  const logs = `see: npm run bascule -- logs ${service}`;
  if (error.name !== 'TimeoutError') return `${service} does not answer (${error.message}); ${logs}`;
  const seconds = Math.round((isProbed ? probePatienceMs : patienceMs) / 1000);
  return `this tool waited ${seconds} s for ${service} and gave up; ${service} may still be at it: ask again before you repeat it, or ${logs}`;
}

function wordsOf(service: string, status: number, answer: unknown): string {
  const { success, data } = problem.safeParse(answer);
  if (!success) return `${service} answered ${status}`;
  // a detail is mostly the title with the particulars
  const what = data.detail?.startsWith(data.title) ? data.detail : [data.title, data.detail].filter(Boolean).join('\n');
  return [what, data.remedy].filter(Boolean).join('\n');
}
