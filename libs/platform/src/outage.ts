const nodeCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const postgresCodes = new Set(['57P01', '57P02', '57P03', '53300', '53100', '53200', '25006']);
const natsNames = new Set([
  'TimeoutError',
  'NoRespondersError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
  'JetStreamNotEnabled',
]);
// a connection that dies in the middle of a transaction takes its query runner along; whatever comes after meets these
const typeormNames = new Set(['QueryRunnerAlreadyReleasedError', 'QueryRunnerProviderAlreadyReleasedError']);
const poolMessages =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Connection ended/i;
const lostRaces = new Set(['40001', '40P01']);

function chainOf(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let next = error; typeof next === 'object' && next !== null && chain.length < 6; ) {
    const link = next as Record<string, unknown>;
    chain.push(link);
    next = link['driverError'] ?? link['cause'] ?? (Array.isArray(link['errors']) ? link['errors'][0] : undefined);
  }
  return chain;
}

/** True when PostgreSQL or NATS is away: nothing is wrong with the request or message, and it may be tried again. */
export function isOutage(error: unknown): boolean {
  return chainOf(error).some(({ code, name, message }) => {
    const text = typeof code === 'string' ? code : '';
    const isPostgres = postgresCodes.has(text) || /^08...$/.test(text);
    const isGone = natsNames.has(String(name)) || typeormNames.has(String(name));
    return isPostgres || isGone || nodeCodes.has(text) || poolMessages.test(String(message ?? ''));
  });
}

/** True when two transactions got in each other's way; the next try usually succeeds. */
export function isLostRace(error: unknown): boolean {
  return chainOf(error).some(({ code }) => typeof code === 'string' && lostRaces.has(code));
}
