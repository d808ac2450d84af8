import { type Credential, matchesAny, requireModel } from '@bascule/access';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { AuditIndexService } from '../audit/audit-index.service.js';
import { nothingKnown } from '../errors.js';
import type { LineageEdge } from './lineage-edges.js';

/** What a thing descends from and what descends from it. */
export interface Lineage {
  readonly id: string;
  readonly ancestors: LineageEdge[];
  readonly descendants: LineageEdge[];
}

const most = 500;

function walk(direction: 'up' | 'down'): string {
  const [near, far] = direction === 'up' ? ['to_id', 'from_id'] : ['from_id', 'to_id'];
  return `WITH RECURSIVE steps AS (
      SELECT from_id, to_id FROM lineage_edges WHERE ${near} = $1
      UNION
      SELECT e.from_id, e.to_id FROM lineage_edges e JOIN steps s ON e.${near} = s.${far}
    ) SELECT from_id AS "from", to_id AS "to" FROM steps LIMIT ${most}`;
}

/** Descent of data and models, from the edges the log's events tell of. */
@Injectable()
export class LineageService {
  constructor(
    private readonly transactions: Transactions,
    private readonly index: AuditIndexService,
  ) {}

  /** Leaves out versions of models the reader's key may not touch. */
  async of(kind: string, id: string, reader: Credential): Promise<Lineage> {
    if (kind === 'prediction') return this.ofPrediction(id, reader);
    if (kind === 'version') requireModel(reader, modelOf(id));
    const name = `${kind}/${id}`;
    const { manager } = this.transactions;
    const ancestors = await manager.query<LineageEdge[]>(walk('up'), [name]);
    const descendants = await manager.query<LineageEdge[]>(walk('down'), [name]);
    if (ancestors.length + descendants.length === 0) throw nothingKnown({ kind, id });
    const visible = ({ to }: LineageEdge) => !to.startsWith('version/') || matchesAny(reader.models, modelOf(to));
    return { id: name, ancestors: ancestors.filter(visible), descendants: descendants.filter(visible) };
  }

  private async ofPrediction(id: string, reader: Credential): Promise<Lineage> {
    const prediction = await this.index.findPrediction(id);
    if (!prediction) throw nothingKnown({ kind: 'prediction', id });
    requireModel(reader, prediction.modelName);
    const version = `version/${prediction.modelName}@${prediction.modelVersion}`;
    const ancestors = await this.transactions.manager.query<LineageEdge[]>(walk('up'), [version]);
    return { id: `prediction/${id}`, ancestors: [{ from: version, to: `prediction/${id}` }, ...ancestors], descendants: [] };
  }
}

/** The model of `version/model@3` or `model@3`. */
function modelOf(version: string): string {
  return version.replace(/^version\//, '').replace(/@\d+$/, '');
}
