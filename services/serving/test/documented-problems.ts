interface Seen {
  readonly method: string;
  readonly path: string;
  readonly code: string;
}

const seen = new Map<string, Seen[]>();
/** Of no operation at all. */
const ofNone = new Set(['platform.route_not_found', 'platform.method_not_allowed']);

/** Keeps an error that a service answered, to be compared with its description. */
export function noteProblem(method: string, url: string, code: unknown): void {
  if (typeof code !== 'string' || ofNone.has(code)) return;
  const { origin, pathname: path } = new URL(url);
  const known = seen.get(origin) ?? [];
  known.push({ method: method.toLowerCase(), path, code });
  seen.set(origin, known);
}

/** The errors that a service answered and that its description does not name for the operation; to be asked while it runs. */
export async function undocumentedProblems(origin: string): Promise<string[]> {
  const noted = seen.get(origin) ?? [];
  seen.delete(origin);
  if (noted.length === 0) return [];
  const response = await fetch(`${origin}/openapi.json`).catch(() => undefined);
  if (!response?.ok) return [];
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
  const missing = noted.filter(({ method, path, code }) => {
    const operation = operationAt(paths, method, path);
    return operation !== undefined && !JSON.stringify(operation).includes(`"${code}"`);
  });
  return [...new Set(missing.map(({ method, path, code }) => `${method} ${path} ${code}`))];
}

function operationAt(paths: Record<string, Record<string, unknown>>, method: string, path: string): unknown {
  const found = Object.entries(paths).find(([template, at]) => {
    const pattern = template.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
    return at[method] !== undefined && new RegExp(`^${pattern}$`).test(path);
  });
  return found?.[1][method];
}
