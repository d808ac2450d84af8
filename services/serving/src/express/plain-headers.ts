/** Headers of a plain inference that say something to its answer, by what they are called here. */
export const spoken = {
  host: 1,
  authorization: 2,
  'content-length': 3,
  'content-type': 4,
  'x-request-id': 5,
  traceparent: 6,
  tracestate: 7,
  baggage: 8,
  'accept-encoding': 9,
  connection: 10,
} as const;

/** Number of a header that changes nothing about an inference. */
export const silent = 0;

const silentNames = `accept accept-charset accept-language cache-control cookie dnt forwarded from keep-alive origin pragma priority referer
  sec-fetch-dest sec-fetch-mode sec-fetch-site user-agent via x-amzn-trace-id x-envoy-attempt-count x-envoy-expected-rq-timeout-ms
  x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip`.split(/\s+/);

const numbers = new Map<string, number>([...silentNames.map((name) => [name, silent] as const), ...Object.entries(spoken)]);

// spellings as they come: names arrive in whatever case, a few ways each
const spellings = new Map<string, number | undefined>();
const maxSpellings = 1_000;

/** Which header a name is, in whatever case; undefined for any that is unusual with an inference. */
export function headerNumber(name: string): number | undefined {
  const known = spellings.get(name);
  if (known !== undefined || spellings.has(name)) return known;
  const number = numbers.get(name.toLowerCase());
  if (spellings.size < maxSpellings) spellings.set(name, number);
  return number;
}
