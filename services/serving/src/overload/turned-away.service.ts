import type { Credential } from '@bascule/access';
import { Metrics } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { AdmissionService } from '../admission/admission.service.js';
import { AvailabilityCounter } from '../availability/availability-counter.service.js';
import { hasRole, inferenceRoles } from '../inference/caller.js';
import { KnownCallers } from './known-callers.service.js';

/** Keys whose last model is remembered. */
const maxRemembered = 10_000;

/** Counts what was turned away unread, and against an endpoint what it would have had to answer: of callers who may ask it. */
@Injectable()
export class TurnedAway {
  private readonly counters;
  private readonly lastModels = new Map<string, string>();

  constructor(
    private readonly callers: KnownCallers,
    private readonly admission: AdmissionService,
    private readonly availability: AvailabilityCounter,
    metrics: Metrics,
  ) {
    const counter = metrics.counter('serving_overload_refusals_total', 'Requests turned away before their body was read, by protocol');
    this.counters = { http: counter.with({ protocol: 'http' }), grpc: counter.with({ protocol: 'grpc' }) };
  }

  http(modelName: string, authorization: string | undefined): void {
    this.counters.http.add(1);
    this.count(modelName, this.callers.find(authorization));
  }

  /** In gRPC the model stands in the message, which nobody has read: it is the one the key asked last. */
  grpc(authorization: string | undefined): void {
    this.counters.grpc.add(1);
    const caller = this.callers.find(authorization);
    const modelName = caller && this.lastModels.get(caller.keyId);
    if (modelName !== undefined) this.count(modelName, caller);
  }

  /** A sender had its share of bodies on the way: its own doing, whoever it is. */
  share(protocol: 'http' | 'grpc'): void {
    this.counters[protocol].add(1);
  }

  /** A key had an answer of this model over gRPC. */
  noteAsked(keyId: string, modelName: string): void {
    if (this.lastModels.get(keyId) === modelName) return;
    if (this.lastModels.size >= maxRemembered) this.lastModels.delete(this.lastModels.keys().next().value ?? '');
    this.lastModels.set(keyId, modelName);
  }

  private count(modelName: string, caller: Credential | undefined): void {
    if (!caller || !hasRole(caller, inferenceRoles) || !this.admission.wouldEnter(caller)) return;
    this.availability.turnedAway(modelName, caller);
  }
}
