import { said } from './said';

/** What the console's own endpoints and the services answer, as far as the page uses it. */
export interface Session {
  identity: string;
  roles: string[];
}
export interface ServiceHealth {
  service: string;
  status: 'ready' | 'not ready' | 'away';
  ms: number;
}
export interface LiveEvent {
  id: string;
  type: string;
  time: string;
  subject: string;
  data: Record<string, unknown>;
}
export interface ModelVersion {
  version: number;
  metrics: Record<string, number>;
  artifactDigest: string;
  createdAt?: string;
}
export interface Alias {
  alias: string;
  environment: string;
  version: number;
}
export interface Endpoint {
  modelName: string;
  environment: string;
  versions: { version: number; percent: number; role: string }[];
}
export interface Rollout {
  rolloutId: string;
  modelName: string;
  version: number;
  championVersion?: number | null;
  status: string;
  percent: number;
}
export interface ExampleStep {
  name: string;
  ok: boolean;
  ms: number;
  detail: string;
}
export interface Freeze {
  frozen: boolean;
  by?: string;
  reason?: string;
}

/** An answer other than 2xx, with what the service said. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Calls the console; throws ApiError with the problem's own words. */
export async function call<T>(path: string, init: { method?: string; body?: unknown } = {}): Promise<T> {
  const { method = 'GET', body } = init;
  const headers: Record<string, string> = { 'x-bascule-console': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const parsed = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (!answer.ok) throw new ApiError(answer.status, said(parsed, answer.status, method !== 'GET'));
  return parsed as T;
}
