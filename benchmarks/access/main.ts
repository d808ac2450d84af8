import { fileURLToPath } from 'node:url';
import { type Credential, hashSecret, KnownKeys, newKey } from '@bascule/access';
import type { AccessLimits } from '@bascule/contracts';
import { type Figure, reportFigures } from '../figures.js';

// What it costs a gateway to know who asks and whether they may: per request, with few keys and with many.

interface Admission {
  enter(credential: Credential, rows: number): (answeredRows?: number) => void;
}

const keyCounts = [10, 10_000];
const slices = 9;
const requestsPerSlice = 200_000;
const limits: AccessLimits = { requestsPerSecond: 1_000_000, concurrentRequests: 1000, rowsPerDay: 1_000_000_000_000 };

const built = fileURLToPath(new URL('../../../services/serving/dist/admission/admission.service.js', import.meta.url));
const { AdmissionService } = (await import(built)) as { AdmissionService: new (clock: object, metrics: object) => Admission };
const ignore = { add() {} };

interface Workload {
  readonly name: string;
  readonly run: (request: number) => void;
}

/** Requests of all keys in an order that no cache can guess. */
function workloads(count: number): Workload[] {
  const keys = new KnownKeys();
  const admission = new AdmissionService({ now: () => new Date() }, { counter: () => ignore, gauge() {} });
  const tokens = Array.from({ length: count }, () => {
    const { keyId, secret, token } = newKey();
    keys.put(keyId, {
      keyId,
      identity: keyId,
      secretHash: hashSecret(secret),
      roles: ['client'],
      models: ['*'],
      datasets: [],
      revokedAt: null,
      limits,
    });
    return token;
  });
  const order = Uint32Array.from({ length: 65_536 }, () => Math.floor(Math.random() * count));
  const next = (request: number) => tokens[order[request & 65_535]!]!;
  return [
    { name: `authenticate, ${count} keys`, run: (request) => void keys.authenticate(next(request)) },
    { name: `authenticate and admit, ${count} keys`, run: (request) => admission.enter(keys.authenticate(next(request)), 1)(1) },
  ];
}

function nanoseconds(run: (request: number) => void): number {
  const startedAt = process.hrtime.bigint();
  for (let request = 0; request < requestsPerSlice; request++) run(request);
  return Number(process.hrtime.bigint() - startedAt) / requestsPerSlice;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const all = keyCounts.flatMap(workloads);
const measured = new Map(all.map(({ name }) => [name, [] as number[]]));
for (const { run } of all) nanoseconds(run);
for (let slice = 0; slice < slices; slice++) for (const { name, run } of all) measured.get(name)!.push(nanoseconds(run));

const [few, fewAdmitted, many, manyAdmitted] = all.map(({ name }) => ({ name, value: median(measured.get(name)!) }));
const figures: Figure[] = [
  { ...few!, unit: 'ns', better: 'lower' },
  // ten thousand keys do not fit into the caches of a core that ten fit into: that is all that may be seen
  { ...many!, unit: 'ns', better: 'lower', baseline: few!.value, ratio: many!.value / few!.value, target: 3 },
  { ...fewAdmitted!, unit: 'ns', better: 'lower' },
  {
    ...manyAdmitted!,
    unit: 'ns',
    better: 'lower',
    baseline: fewAdmitted!.value,
    ratio: manyAdmitted!.value / fewAdmitted!.value,
    target: 3,
  },
];
reportFigures(figures, process.argv.slice(2));
