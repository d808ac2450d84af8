import { evidenceRecorded } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { Clock, decodeCursor, newId, type Page, pageOf } from '@bascule/platform';
import { Injectable } from '@nestjs/common';
import { IsNull, LessThan } from 'typeorm';
import { z } from 'zod';
import { EvidenceEntity } from './evidence.entity.js';
import { type EvidenceBody, type EvidenceQuery, nameOfEvidence } from './evidence.schema.js';

/** Who says so, about what. */
export interface EvidenceSource {
  readonly modelName: string;
  /** Null when it is about the model, whichever version answers. */
  readonly version: number | null;
  readonly origin: 'measured' | 'declared';
  readonly recordedBy: string;
}

/** Keeps evidence about versions: what was measured here, and what people and pipelines declare. */
@Injectable()
export class EvidenceService {
  constructor(
    private readonly transactions: Transactions,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Puts one piece on record; what was known before stays. */
  async record(source: EvidenceSource, body: EvidenceBody): Promise<EvidenceEntity> {
    return this.transactions.run(async (manager) => {
      const { kind, ...rest } = body;
      const known = { ...source, evidenceId: newId(), kind, name: nameOfEvidence(body), body, createdAt: this.clock.now() };
      const entity = manager.create(EvidenceEntity, known);
      await manager.insert(EvidenceEntity, entity);
      const { modelName, version, origin, recordedBy } = source;
      await this.outbox.publish({
        definition: evidenceRecorded,
        data: { evidenceId: entity.evidenceId, modelName, kind, origin, recordedBy, body: rest, ...(version === null ? {} : { version }) },
      });
      return entity;
    });
  }

  /** Evidence about a version, newest first. */
  async list(modelName: string, version: number, { limit, cursor, kind }: EvidenceQuery): Promise<Page<EvidenceEntity>> {
    const before = cursor === undefined ? {} : { evidenceId: LessThan(decodeCursor(cursor, z.uuid())) };
    const found = await this.transactions.manager.find(EvidenceEntity, {
      where: { modelName, version, ...(kind ? { kind } : {}), ...before },
      order: { evidenceId: 'DESC' },
      take: limit + 1,
    });
    return pageOf(found, limit, (last) => last.evidenceId);
  }

  /** What counts now about a version and its model, newest first. Of everything but load tests the last of its name and origin. */
  async current(modelName: string, version: number): Promise<EvidenceEntity[]> {
    const found = await this.transactions.manager.find(EvidenceEntity, {
      where: [
        { modelName, version },
        { modelName, version: IsNull() },
      ],
      order: { evidenceId: 'DESC' },
      take: 1000,
    });
    const seen = new Set<string>();
    return found.filter(({ kind, name, origin, evidenceId }) => {
      const key = kind === 'load-test' ? evidenceId : `${kind}/${name}/${origin}`;
      return !seen.has(key) && seen.add(key);
    });
  }
}
