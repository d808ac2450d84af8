import { eventually } from '@bascule/testing';
import type { Loop } from './open-loop.js';

const features = {
  phase_of_flight: 'Approach',
  wildlife_size: 'Small',
  wildlife_species: 'Unknown bird - small',
  time_of_day: 'Day',
  operator: 'AMERICAN AIRLINES',
  aircraft: 'B-737-300',
  origin_state: 'Texas',
  airport: 'DALLAS/FORT WORTH INTL ARPT',
};

/** The body that asks about a made-up claim. */
export function triageBody(claimNumber: string, speedKnots = 140): object {
  return {
    id: claimNumber,
    parameters: { client_record_id: claimNumber, occurred_at: '1995-06-01T00:00:00.000Z' },
    inputs: [
      ...Object.entries(features).map(([name, value]) => ({ name, shape: [1, 1], datatype: 'BYTES', data: [value] })),
      { name: 'speed_knots', shape: [1, 1], datatype: 'FP32', data: [speedKnots] },
    ],
  };
}

/** One triage of a made-up claim; throws when it is not answered. */
async function triage(loop: Loop, claimNumber: string): Promise<string> {
  const { status, body } = await loop.call<{ parameters: { prediction_id: string } }>(
    'serving',
    'client',
    'POST',
    '/v2/models/claims-triage/infer',
    triageBody(claimNumber),
  );
  if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body)}`);
  return body.parameters.prediction_id;
}

/** Sends claims one after another and keeps asking until each is answered, as a client must. Returns the prediction ids. */
export async function sendClaims(loop: Loop, prefix: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await eventually(() => triage(loop, `${prefix}-${i}`), { timeoutMs: 60_000, intervalMs: 100 }));
  return ids;
}

/** How many of these predictions monitoring and governance hold; equal to their number when nothing is lost or doubled. */
export async function storedCounts(loop: Loop, ids: readonly string[]): Promise<{ monitoring: number; governance: number }> {
  const [row] = await loop.query<{ monitoring: number; governance: number }>(
    `select (select count(*)::int from monitoring.predictions where prediction_id = any($1::uuid[])) as monitoring,
            (select count(*)::int from governance.audited_predictions where prediction_id = any($1::uuid[])) as governance`,
    [ids],
  );
  return row!;
}
