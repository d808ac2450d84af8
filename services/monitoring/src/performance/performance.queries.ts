import type { EntityManager } from 'typeorm';
import type { CalendarWindow } from '../windows/window.js';
import type { MetricVerdict } from './performance-verdict.js';

export interface DueYear {
  model_name: string;
  model_version: number;
  day: string;
  predictions: number;
  /** Predictions with a label. */
  labelled: number;
}

const currentOnly = 'not exists (select 1 from labels n where n.prediction_id = l.prediction_id and n.revision > l.revision)';

/** Ended years whose labels have not been judged, or have changed by more than a twentieth since. */
export async function dueYears(manager: EntityManager): Promise<DueYear[]> {
  return manager.query(
    `with years as (
       select w.model_name, w.model_version, date_trunc('year', w.month::timestamp)::date as start, sum(w.prediction_count)::int as predictions
       from windows w group by 1, 2, 3
     ), counted as (
       select y.*, l.labelled, l.reports from years y
       join monitored_models m using (model_name)
       join model_versions v using (model_name, model_version)
       cross join lateral (
         select count(distinct prediction_id)::int as labelled, count(*)::int as reports from labels
         where model_name = y.model_name and model_version = y.model_version and occurred_at >= y.start and occurred_at < y.start + interval '1 year'
       ) l
       where (v.profile -> 'performance' is not null or v.profile -> 'quality' is not null) and y.start + interval '1 year' <= m.watermark
     )
     select c.model_name, c.model_version, c.start::text as day, c.predictions, c.labelled from counted c
     left join performance_evaluations e on e.model_name = c.model_name and e.model_version = c.model_version and e.window_from = c.start
     where c.labelled > 0 and (e.report_id is null or c.reports > e.labelled_count * 1.05)
     order by c.start`,
  );
}

/** Scores and current labels of a window. */
export async function labelledRows(
  manager: EntityManager,
  modelName: string,
  version: number,
  { from, to }: CalendarWindow,
): Promise<{ score: number | null; label: number }[]> {
  return manager.query(
    `select score, label from labels l where model_name = $1 and model_version = $2 and occurred_at >= $3 and occurred_at < $4 and ${currentOnly}`,
    [modelName, version, from, to],
  );
}

export interface LabelledAnswer {
  prediction_id: string;
  occurred_at: string;
  label: number;
  payload: Buffer;
  output_names: string[];
}

/** Answers with the current labels of a window, in pages. @param after the last one of the page before */
export async function labelledAnswers(
  manager: EntityManager,
  modelName: string,
  version: number,
  { from, to }: CalendarWindow,
  after: Pick<LabelledAnswer, 'occurred_at' | 'prediction_id'> | undefined,
  limit: number,
): Promise<LabelledAnswer[]> {
  return manager.query(
    `select l.prediction_id, l.occurred_at::text, l.label, p.payload, s.output_names from labels l
     join predictions p on p.prediction_id = l.prediction_id and p.received_at = l.predicted_at
     join model_schemas s on s.schema_id = p.schema_id
     where l.model_name = $1 and l.model_version = $2 and l.occurred_at >= $3 and l.occurred_at < $4 and ${currentOnly} and p.has_values
       and ($5::timestamptz is null or (l.occurred_at, l.prediction_id) > ($5::timestamptz, $6::uuid))
     order by l.occurred_at, l.prediction_id limit $7`,
    [modelName, version, from, to, after?.occurred_at ?? null, after?.prediction_id ?? null, limit],
  );
}

export async function storedVerdicts(
  manager: EntityManager,
  modelName: string,
  version: number,
  { from }: CalendarWindow,
): Promise<Map<string, string>> {
  const rows = (await manager.query(
    'select metric, verdict from performance_reports where model_name = $1 and model_version = $2 and window_from = $3',
    [modelName, version, from],
  )) as { metric: string; verdict: string }[];
  return new Map(rows.map(({ metric, verdict }) => [metric, verdict]));
}

/** Keeps a report; the same window judged again keeps its report id. Answers the id. */
export async function upsertPerformance(
  manager: EntityManager,
  report: { reportId: string; modelName: string; version: number; window: CalendarWindow; labelledCount: number; at: Date },
  verdicts: readonly MetricVerdict[],
): Promise<string> {
  const key = [report.modelName, report.version, report.window.from];
  const [kept] = (await manager.query(
    `insert into performance_evaluations (report_id, model_name, model_version, window_from, window_to, labelled_count, evaluated_at)
     values ($4, $1, $2, $3, $5, $6, $7)
     on conflict (model_name, model_version, window_from) do update set labelled_count = excluded.labelled_count, evaluated_at = excluded.evaluated_at
     returning report_id`,
    [...key, report.reportId, report.window.to, report.labelledCount, report.at],
  )) as { report_id: string }[];
  await manager.query('delete from performance_reports where model_name = $1 and model_version = $2 and window_from = $3', key);
  for (const { metric, verdict, value, reference, standardError, reasons } of verdicts) {
    await manager.query(
      `insert into performance_reports (model_name, model_version, window_from, metric, verdict, value, reference, standard_error, reasons)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [...key, metric, verdict, value, reference, standardError, JSON.stringify(reasons)],
    );
  }
  return kept!.report_id;
}
