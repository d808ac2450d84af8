import { Credential, datasetNotAllowed, Roles, requireDataset } from '@bascule/access';
import { uuid } from '@bascule/contracts';
import { ApiOperation, ApiResponse, ApiTags, decodeCursor, Problems, pageOf, pageQuery } from '@bascule/platform';
import { ObjectStore } from '@bascule/storage';
import { openTable } from '@bascule/tables';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { BatchesService } from '../batches/batches.service.js';
import { ContractsService } from '../contracts/contracts.service.js';
import { batchNotFound, batchOfAnother, contractNotFound } from '../errors.js';
import { masked } from '../privacy/mask.js';
import { requireRecords } from '../quarantine/own-records.js';
import { readers } from '../readers.js';
import { repairKinds } from './repairs.schema.js';

const repairsQuery = pageQuery.extend({ field: z.string().min(1).max(200).optional() }).strict();
const repairView = z
  .object({
    /** Number of the record in the batch, from 1. */
    row: z.int(),
    line: z.int(),
    field: z.string(),
    repairs: z.array(z.enum(repairKinds)),
    /** The text as it was sent. */
    original: z.string(),
    /** What is stored in its place; null where it means that there is no value. */
    value: z.string().nullable(),
  })
  .meta({ id: 'RepairedCell' });
const repairsPage = z.object({ items: z.array(repairView), nextCursor: z.string().nullable() });
type RepairedCell = z.infer<typeof repairView>;

@ApiTags('batches')
@Controller('v1/batches/:id/repairs')
export class RepairsController {
  constructor(
    private readonly batches: BatchesService,
    private readonly store: ObjectStore,
    private readonly contracts: ContractsService,
  ) {}

  @Get()
  @Roles(...readers)
  @ApiOperation({ summary: 'Cells of a batch that were repaired, with the text as it was sent, in the order of the records' })
  @ApiResponse({ status: 200, standardSchema: repairsPage })
  @Problems(datasetNotAllowed, batchNotFound, batchOfAnother, contractNotFound)
  async list(
    @Param('id', { schema: uuid }) id: string,
    @Query({ schema: repairsQuery }) { limit, cursor, field }: z.infer<typeof repairsQuery>,
    @Credential() credential: Credential,
  ) {
    const batch = await this.batches.get(id);
    requireDataset(credential, batch.datasetName);
    requireRecords(credential, batch);
    const digest = batch.report?.repairs?.digest;
    // the log of a batch with records that were erased is gone
    if (digest === undefined || !(await this.store.has(digest))) return { items: [], nextCursor: null };
    const personal = await this.contracts.personalColumns(batch.contractName);
    const after = cursor === undefined ? 0 : decodeCursor(cursor, z.int());
    const found: (RepairedCell & { at: number })[] = [];
    const table = await openTable(await this.store.stream(digest), { format: 'parquet', file: this.store.path?.(digest) });
    const pick = table.picker(['row', 'line', 'field', 'repairs', 'original', 'value']);
    let at = 0;
    // leaving the loop closes the log
    read: for await (const rows of table.rows()) {
      for (const row of rows) {
        if (++at <= after) continue;
        const [number, line, name, kinds, original, value] = pick(row) as [number, number, string, string, string, string | null];
        if (field !== undefined && name !== field) continue;
        const repairs = kinds.split(',') as RepairedCell['repairs'];
        // what is personal by now was written down before it was
        const texts = personal.has(name) ? { original: masked, value: value === null ? null : masked } : { original, value };
        found.push({ at, row: Number(number), line: Number(line), field: name, repairs, ...texts });
        if (found.length > limit) break read;
      }
    }
    const { items, nextCursor } = pageOf(found, limit, (cell) => cell.at);
    return { items: items.map(({ at: _, ...cell }) => cell), nextCursor };
  }
}
