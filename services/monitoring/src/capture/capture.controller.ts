import { type Credential as Caller, Credential, matchesAny, Roles, requireModel } from '@bascule/access';
import { entityName } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { ApiOperation, ApiTags, decodeCursor, type Page, pageOf, pageQuery } from '@bascule/platform';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { type ProducerRow, producerColumns } from './capture.queries.js';
import { rangesOf } from './capture-account.js';

const producersQuery = pageQuery.extend({ gaps: z.enum(['true', 'false']).optional() }).strict();

interface ShareRow {
  model_version: number;
  answered: number;
  captured: number;
}

const producerView = ({ producer, models, state, ...row }: ProducerRow & { missing: number[] }) => ({
  producer,
  gatewayId: row.gateway_id,
  models,
  state: row.is_end_unknown ? 'silent' : state,
  lastHeardAt: row.last_heard_at,
  lastSequence: row.complete_to,
  rowsReceived: row.rows_received,
  rowsDropped: row.dropped,
  /** Counted by the gateway, not here yet, and known to lie on its disk: they are on their way. */
  waitingBlocks: row.waiting_blocks,
  missingBlocks: row.missing_blocks,
  missing: rangesOf(row.missing),
  /** An upper bound of the rows in missing blocks, and of those in a block that was never closed. */
  rowsLostAtMost: row.rows_at_most,
  isEndUnknown: row.is_end_unknown,
});

@ApiTags('capture')
@Controller('v1')
export class CaptureController {
  constructor(private readonly transactions: Transactions) {}

  @Get('capture/producers')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({ summary: 'List gateway processes with what arrived of their blocks and what is missing, last heard of first' })
  async producers(
    @Query({ schema: producersQuery }) { gaps, limit, cursor }: z.infer<typeof producersQuery>,
    @Credential() { models }: Caller,
  ): Promise<Page<ReturnType<typeof producerView>>> {
    const after = cursor ? decodeCursor(cursor, z.tuple([z.string(), z.string()])) : [null, null];
    const rows = (await this.transactions.manager.query(
      `select ${producerColumns}, array(select m.sequence::float8 from capture_missing m where m.producer = p.producer order by 1 limit 10000) as missing
       from capture_producers p
       where ($1::bool is null or (missing_blocks > 0 or waiting_blocks > 0 or is_end_unknown) = $1)
         and ($2::timestamptz is null or (last_heard_at, producer) < ($2, $3))
       order by last_heard_at desc, producer desc limit $4`,
      [gaps === undefined ? null : gaps === 'true', ...after, limit + 1],
    )) as (ProducerRow & { missing: number[] })[];
    const page = pageOf(rows, limit, (last) => [last.last_heard_at.toISOString(), last.producer]);
    // a gateway serves all models: which ones it served is nobody's business who may not see them
    const visible = (row: ProducerRow) => row.models.filter((name) => matchesAny(models, name));
    return { ...page, items: page.items.map((row) => producerView({ ...row, models: visible(row) })) };
  }

  @Get('models/:model/capture')
  @Roles('operator', 'scientist', 'auditor', 'approver', 'admin')
  @ApiOperation({
    summary: 'Share of the answers that monitoring sees, per version',
    description:
      'Counted by gateways since their start, for versions of which not everything is captured; without an entry, everything is.',
  })
  async shares(@Param('model', { schema: entityName }) model: string, @Credential() caller: Caller) {
    requireModel(caller, model);
    const rows = (await this.transactions.manager.query(
      `select model_version, sum(answered)::float8 as answered, sum(captured)::float8 as captured
       from capture_tallies where model_name = $1 group by model_version order by model_version desc`,
      [model],
    )) as ShareRow[];
    const items = rows.map(({ model_version: version, answered, captured }) => ({
      version,
      answeredCount: answered,
      capturedCount: captured,
      capturedShare: answered === 0 ? 1 : captured / answered,
    }));
    return { items, nextCursor: null };
  }
}
