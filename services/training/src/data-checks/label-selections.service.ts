import { Transactions } from '@bascule/database';
import { Clock } from '@bascule/platform';
import type { LabelledBlock } from '@bascule/proto';
import { Injectable } from '@nestjs/common';

const keptDays = 400;

/** How the cases of a model's labels were selected, counted by the minute they arrived. */
@Injectable()
export class LabelSelectionsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Counts the labels of a block by model and selection. */
  async count({ models, rows }: LabelledBlock): Promise<void> {
    const counts = new Map<string, number>();
    for (const { prediction, selection } of rows) {
      const model = prediction && models[prediction.model]?.modelName;
      if (!model) continue;
      const key = JSON.stringify([model, selection || 'unknown']);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // in one order everywhere: two replicas never wait for each other
    for (const [key, count] of [...counts].sort()) {
      const [model, selection] = JSON.parse(key) as [string, string];
      await this.transactions.manager.query(
        `insert into label_selections (model_name, received_at, selection, label_count) values ($1, date_trunc('minute', $2::timestamptz), $3, $4)
         on conflict (model_name, received_at, selection) do update set label_count = label_selections.label_count + excluded.label_count`,
        [model, this.clock.now(), selection, count],
      );
    }
  }

  /** Labels by selection since an instant (rounded down to a minute); of all kept time without one. */
  async since(modelName: string, from: Date | undefined): Promise<Record<string, number>> {
    const since = from ?? new Date(this.clock.now().getTime() - keptDays * 86_400_000);
    const rows: { selection: string; labels: string }[] = await this.transactions.manager.query(
      `select selection, sum(label_count) as labels from label_selections
       where model_name = $1 and received_at >= date_trunc('minute', $2::timestamptz) group by selection`,
      [modelName, since],
    );
    return Object.fromEntries(rows.map(({ selection, labels }) => [selection, Number(labels)]));
  }
}
