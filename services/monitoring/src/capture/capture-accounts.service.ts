import { captureGapDetected, type GatewaySign } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Outbox } from '@bascule/outbox';
import { CONFIG, Metrics } from '@bascule/platform';
import { Inject, Injectable } from '@nestjs/common';
import { AlertsService } from '../alerts/alerts.service.js';
import type { Config } from '../config.js';
import { takeTurn } from '../evaluation/turn.queries.js';
import {
  accountOf,
  type ProducerRow,
  producersWithBlocks,
  readProducer,
  saveAccount,
  type WaitingBlock,
  waitingBlocks,
} from './capture.queries.js';
import { type Account, closeAt, countIn, rangesOf, rowsLostAtMost } from './capture-account.js';
import { GatewaySignsService } from './gateway-signs.service.js';

const blocksAtOnce = 1_000;

interface Heard {
  readonly sign: GatewaySign;
  readonly silentMs: number;
}

/** Counts the blocks of every gateway and says what is missing, even when nothing comes any more that could show it. */
@Injectable()
export class CaptureAccounts {
  private readonly judged = new Map<string, string>();
  private missingBlocks = 0;
  private rowsAtMost = 0;
  private unknownEnds = 0;

  constructor(
    private readonly transactions: Transactions,
    private readonly signs: GatewaySignsService,
    private readonly alerts: AlertsService,
    private readonly outbox: Outbox,
    @Inject(CONFIG) private readonly config: Config,
    metrics: Metrics,
  ) {
    metrics.gauge(
      'bascule_capture_missing_blocks',
      'Blocks of predictions that gateways counted and that never arrived',
      () => this.missingBlocks,
    );
    metrics.gauge('bascule_capture_rows_lost_at_most', 'Predictions that missing blocks held, at most', () => this.rowsAtMost);
    metrics.gauge(
      'bascule_capture_unknown_ends',
      'Gateways that fell silent without saying how far they had counted',
      () => this.unknownEnds,
    );
  }

  /** Counts in what has arrived and judges what has not; for the replica that evaluates. */
  async account(): Promise<void> {
    const heard = new Map(this.signs.list().map((one) => [one.sign.producer, one]));
    const { manager } = this.transactions;
    for (const producer of await producersWithBlocks(manager)) {
      while ((await this.accountFor(producer, heard.get(producer))) === blocksAtOnce);
    }
    for (const [producer, one] of heard) {
      // most gateways that are told of have long stopped: each word is judged once
      const word = `${one.sign.at} ${one.silentMs >= this.config.CAPTURE_GAP_AFTER_MS}`;
      if (this.judged.get(producer) === word) continue;
      await this.accountFor(producer, one);
      this.judged.set(producer, word);
    }
    const [sum] = (await manager.query(
      `select coalesce(sum(missing_blocks), 0)::float8 as blocks, coalesce(sum(rows_at_most), 0)::float8 as rows,
         count(*) filter (where is_end_unknown)::int as ends from capture_producers`,
    )) as { blocks: number; rows: number; ends: number }[];
    this.missingBlocks = sum!.blocks;
    this.rowsAtMost = sum!.rows;
    this.unknownEnds = sum!.ends;
  }

  /** Forgets gateways that nothing was heard of for so many days. */
  async forget(days: number): Promise<void> {
    const old = 'select producer from capture_producers where last_heard_at < now() - make_interval(days => $1)';
    for (const table of ['capture_missing', 'capture_tallies']) {
      await this.transactions.manager.query(`delete from ${table} where producer in (${old})`, [days]);
    }
    await this.transactions.manager.query(`delete from capture_producers where producer in (${old})`, [days]);
  }

  /** @returns how many blocks were counted in */
  private async accountFor(producer: string, heard: Heard | undefined): Promise<number> {
    return this.transactions.run(async (manager) => {
      await takeTurn(manager);
      const row = await readProducer(manager, producer);
      const waiting = await waitingBlocks(manager, producer, this.config.CAPTURE_GAP_AFTER_MS, blocksAtOnce);
      const before = await accountOf(manager, row);
      const counted = countIn(before, waiting);
      const account = waiting.length === counted.settled.length ? this.closed(counted.account, heard) : counted.account;
      const next = this.nextRow(row, account, waiting, heard);
      if (JSON.stringify(next) === JSON.stringify(row) && counted.settled.length === 0) return 0;
      await saveAccount(manager, next, account, counted.settled);
      await this.tell(row, next, account);
      return counted.settled.length;
    });
  }

  /** Nothing waits any more: what the gateway has counted beyond is missing once it had time enough to come. */
  private closed(account: Account, heard: Heard | undefined): Account {
    if (!heard || heard.silentMs < this.config.CAPTURE_GAP_AFTER_MS) return account;
    return closeAt(account, { sequence: heard.sign.sealedSequence, rows: heard.sign.sealedRows });
  }

  private nextRow(row: ProducerRow, account: Account, waiting: readonly WaitingBlock[], heard: Heard | undefined): ProducerRow {
    const { sign, silentMs = 0 } = heard ?? {};
    const state = sign?.state ?? row.state;
    const isSilent = sign ? silentMs >= this.config.CAPTURE_GAP_AFTER_MS : row.is_end_unknown;
    const isEndUnknown = state === 'running' && isSilent;
    const openRows = state === 'running' ? (sign?.openRows ?? row.open_rows) : 0;
    const times = [row.last_heard_at, ...waiting.map(({ receivedAt }) => receivedAt), ...(sign ? [new Date(sign.at)] : [])];
    return {
      ...row,
      gateway_id: sign?.gatewayId ?? row.gateway_id,
      complete_to: account.completeTo,
      rows_received: account.rowsReceived,
      rows_said: account.rowsSaid,
      rows_said_at: account.rowsSaidAt,
      dropped: Math.max(row.dropped, sign?.dropped ?? 0, ...waiting.map(({ dropped }) => dropped)),
      models: [...new Set([...row.models, ...waiting.flatMap(({ models }) => models)])].sort(),
      state,
      open_rows: openRows,
      waiting_blocks: isSilent ? 0 : waitingOf(account, sign),
      missing_blocks: account.missing.size,
      rows_at_most: rowsLostAtMost(account) + (isEndUnknown ? openRows : 0),
      is_end_unknown: isEndUnknown,
      last_heard_at: new Date(Math.max(...times.map((time) => time.getTime()))),
    };
  }

  private async tell(before: ProducerRow, { producer, gateway_id: gatewayId, ...now }: ProducerRow, { missing }: Account): Promise<void> {
    const isGap = now.missing_blocks > 0 || now.waiting_blocks > 0 || now.is_end_unknown;
    const isWorse = now.missing_blocks > before.missing_blocks || (now.is_end_unknown && !before.is_end_unknown);
    if (isWorse) {
      await this.outbox.publish({
        definition: captureGapDetected,
        data: {
          producer,
          ...(gatewayId === null ? {} : { gatewayId }),
          missing: rangesOf(missing).slice(0, 1_000),
          missingBlocks: now.missing_blocks,
          rowsAtMost: now.rows_at_most,
          isEndUnknown: now.is_end_unknown,
          lastHeardAt: now.last_heard_at.toISOString(),
        },
      });
    }
    for (const modelName of now.models) {
      const subject = { modelName, rule: 'capture-gap', key: producer } as const;
      if (isWorse) await this.alerts.raise(subject, messageOf(now, gatewayId ?? producer));
      else if (!isGap) await this.alerts.resolve(subject, 'every block that the gateway counted has arrived');
    }
  }
}

/** Blocks that a gateway says lie on its disk, less what has come meanwhile. */
function waitingOf({ completeTo, missing }: Account, sign: GatewaySign | undefined): number {
  if (!sign) return 0;
  return Math.min(sign.waitingBlocks ?? 0, Math.max(0, sign.sealedSequence - completeTo) + missing.size);
}

function messageOf(
  row: Pick<ProducerRow, 'missing_blocks' | 'rows_at_most' | 'is_end_unknown' | 'last_heard_at'>,
  gateway: string,
): string {
  const lost = `${row.missing_blocks} blocks of predictions of gateway ${gateway} never arrived, at most ${row.rows_at_most} rows`;
  const silent = `gateway ${gateway} fell silent at ${row.last_heard_at.toISOString()} without an end; what it answered after that is unknown`;
  return [...(row.missing_blocks > 0 ? [lost] : []), ...(row.is_end_unknown ? [silent] : [])].join('; ');
}
