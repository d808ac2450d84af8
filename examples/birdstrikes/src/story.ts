import { readFileSync } from 'node:fs';
import { type Claim, readClaims } from './claims.js';
import { ClaimsSystem } from './claims-system.js';
import { ServiceClient } from './client.js';
import type { Stack } from './stack.js';

/** Names used throughout the story. */
export const names = {
  dataset: 'birdstrikes',
  mislabelledDataset: 'birdstrikes-mislabelled',
  contract: 'birdstrikes',
  model: 'claims-triage',
  pipeline: 'claims-triage',
  mislabelledPipeline: 'claims-triage-mislabelled',
} as const;

/** Dates that cut the thirteen years of claims into the chapters of the story. */
export const dates = {
  firstYears: ['1990-01-01', '1995-01-01'],
  quietYears: ['1995-01-01', '1999-01-01'],
  laterYears: ['1999-01-01', '2002-01-01'],
  beforeFault: ['2002-01-01', '2002-04-01'],
  /** Speeds arrive in km/h, as after an integration change. */
  fault: ['2002-04-01', '2002-05-01'],
  canary: ['2002-05-01', '2003-01-01'],
} as const;

export const settlementDays = 60;

export const features = [
  { name: 'phase_of_flight', kind: 'categorical' },
  { name: 'wildlife_size', kind: 'categorical' },
  { name: 'wildlife_species', kind: 'categorical' },
  { name: 'time_of_day', kind: 'categorical' },
  { name: 'operator', kind: 'categorical' },
  { name: 'aircraft', kind: 'categorical' },
  { name: 'origin_state', kind: 'categorical' },
  { name: 'airport', kind: 'categorical' },
  { name: 'speed_knots', kind: 'numeric' },
] as const;

/** Everything the steps share: one client per role and service, the claims, and what earlier steps learnt. */
export class Story {
  readonly header: readonly string[];
  readonly claims: readonly Claim[];
  readonly ingestion: ServiceClient;
  readonly training: ServiceClient;
  readonly registry: ServiceClient;
  readonly approverRegistry: ServiceClient;
  readonly serving: ServiceClient;
  readonly operatorServing: ServiceClient;
  readonly monitoring: ServiceClient;
  readonly approvals: ServiceClient;
  readonly requesterApprovals: ServiceClient;
  readonly audit: ServiceClient;
  readonly claimsSystem: ClaimsSystem;
  readonly facts = new Map<string, string>();

  constructor(stack: Stack, journalFile?: string) {
    const { services, keys } = stack;
    const file = readClaims();
    this.header = file.header;
    this.claims = file.claims;
    this.ingestion = new ServiceClient(services.ingestion.urls, keys.scientist);
    this.training = new ServiceClient(services.training.urls, keys.scientist);
    this.registry = new ServiceClient(services.registry.urls, keys.scientist);
    this.approverRegistry = new ServiceClient(services.registry.urls, keys.approver);
    this.serving = new ServiceClient(services.serving.urls, keys.client);
    this.operatorServing = new ServiceClient(services.serving.urls, keys.operator);
    this.monitoring = new ServiceClient(services.monitoring.urls, keys.scientist);
    this.approvals = new ServiceClient(services.governance.urls, keys.approver);
    this.requesterApprovals = new ServiceClient(services.governance.urls, keys.scientist);
    this.audit = new ServiceClient(services.governance.urls, keys.auditor);
    this.claimsSystem = new ClaimsSystem(this.serving, names.model, journalFile);
  }

  /** The data contract sent to ingestion, under another name where the story needs a second one. */
  contract(name: string): Record<string, unknown> {
    const text = readFileSync(new URL('../contract/birdstrikes.odcs.json', import.meta.url), 'utf8');
    return { ...(JSON.parse(text) as Record<string, unknown>), id: name, name };
  }

  fact(name: string): string {
    const value = this.facts.get(name);
    if (value === undefined) throw new Error(`an earlier step should have learnt ${name}`);
    return value;
  }
}
