import type { EntityManager } from 'typeorm';
import { storableText } from '../predictions/storable.js';
import type { CalendarWindow, Grain } from '../windows/window.js';
import type { DriftVerdict } from './drift-verdict.js';

export interface DueWindow {
  model_name: string;
  model_version: number;
  /** First day of the window. */
  day: string;
}

/** More rows than this factor times those of the last verdict make a window worth another look. */
const anotherLook = 1.05;

/** Windows of one grain that the watermark has passed and that have no verdict yet, or one on noticeably fewer rows. */
export async function dueWindows(manager: EntityManager, grain: Grain, except: readonly string[]): Promise<DueWindow[]> {
  const start = grain === 'month' ? 'w.month' : `date_trunc('year', w.month::timestamp)::date`;
  return manager.query(
    `select c.model_name, c.model_version, c.start::text as day from (
       select w.model_name, w.model_version, ${start} as start, sum(w.prediction_count) as counted from windows w group by 1, 2, 3
     ) c
     join monitored_models m using (model_name)
     join model_versions v using (model_name, model_version)
     left join drift_reports r on r.model_name = c.model_name and r.model_version = c.model_version and r.grain = $1 and r.window_from = c.start
     where v.profile is not null and c.start + interval '1 ${grain}' <= m.watermark
       and (r.report_id is null or c.counted > r.prediction_count * ${anotherLook})
       and ${isNotAmong('c', 'c.start', '$2')}
     order by c.start limit 50`,
    [grain, except],
  );
}

const isFaultCheckDue = 'w.prediction_count >= 10 and w.prediction_count > coalesce(f.prediction_count, 0) * 1.1';

/** Months, open or closed, that grew enough since their features were last checked for faults. */
export async function dueFaultChecks(
  manager: EntityManager,
  except: readonly string[],
): Promise<(DueWindow & { prediction_count: number })[]> {
  return manager.query(
    `select w.model_name, w.model_version, w.month::text as day, w.prediction_count from windows w
     join model_versions v using (model_name, model_version)
     left join fault_checks f using (model_name, model_version, month)
     where v.profile is not null and ${isFaultCheckDue} and ${isNotAmong('w', 'w.month', '$1')}
     order by w.month limit 50`,
    [except],
  );
}

/** True while a month of the window waits for its fault check: what is broken in it would be called drifted. */
export async function hasUncheckedMonth(
  manager: EntityManager,
  modelName: string,
  version: number,
  { from, to }: CalendarWindow,
): Promise<boolean> {
  const rows = (await manager.query(
    `select 1 from windows w left join fault_checks f using (model_name, model_version, month)
     where model_name = $1 and model_version = $2 and month >= $3::date and month < $4::date and ${isFaultCheckDue} limit 1`,
    [modelName, version, from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)],
  )) as unknown[];
  return rows.length > 0;
}

function isNotAmong(table: string, day: string, place: string): string {
  return `${table}.model_name || '/' || ${table}.model_version || '/' || ${day}::text <> all(${place}::text[])`;
}

export interface KnownFault {
  month: string;
  feature: string;
  fault: string;
  reasons: string[];
}

export async function faultsBetween(
  manager: EntityManager,
  modelName: string,
  version: number,
  { from, to }: CalendarWindow,
): Promise<KnownFault[]> {
  return manager.query(
    `select month::text, feature, fault, reasons from broken_features
     where model_name = $1 and model_version = $2 and month >= $3::date and month < $4::date`,
    [modelName, version, from.toISOString().slice(0, 10), to.toISOString().slice(0, 10)],
  );
}

export interface EarlierVerdict {
  feature: string;
  window_from: Date;
  verdict: string;
  exceeds: boolean;
}

/** Verdicts on earlier windows and on this one as it was judged before, latest first; only those that say something. */
export async function earlierVerdicts(
  manager: EntityManager,
  modelName: string,
  version: number,
  window: CalendarWindow,
): Promise<EarlierVerdict[]> {
  return manager.query(
    `select feature, window_from, verdict, exceeds from drift_features
     where model_name = $1 and model_version = $2 and grain = $3 and window_from <= $4 and verdict in ('drifted', 'stable')
     order by window_from desc limit 2000`,
    [modelName, version, window.grain, window.from],
  );
}

export interface StoredVerdict extends Omit<DriftVerdict, 'verdict'> {
  verdict: DriftVerdict['verdict'] | 'broken';
}

/** Keeps a report; the same window judged again keeps its report id. Answers the id. */
export async function upsertReport(
  manager: EntityManager,
  report: { reportId: string; modelName: string; version: number; window: CalendarWindow; predictionCount: number; at: Date },
  features: readonly StoredVerdict[],
): Promise<string> {
  const key = [report.modelName, report.version, report.window.grain, report.window.from];
  const [kept] = (await manager.query(
    `insert into drift_reports (report_id, model_name, model_version, grain, window_from, window_to, prediction_count, evaluated_at)
     values ($5, $1, $2, $3, $4, $6, $7, $8)
     on conflict (model_name, model_version, grain, window_from)
     do update set prediction_count = excluded.prediction_count, evaluated_at = excluded.evaluated_at
     returning report_id`,
    [...key, report.reportId, report.window.to, report.predictionCount, report.at],
  )) as { report_id: string }[];
  await manager.query('delete from drift_features where model_name = $1 and model_version = $2 and grain = $3 and window_from = $4', key);
  for (const feature of features) {
    await manager.query(
      `insert into drift_features (model_name, model_version, grain, window_from, feature, verdict, exceeds, method, score, expected_noise, threshold, current_count, reference_count, reasons)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        ...key,
        feature.feature,
        feature.verdict,
        feature.exceeds,
        feature.method,
        feature.score,
        feature.expectedNoise,
        feature.threshold,
        feature.currentCount,
        feature.referenceCount,
        JSON.stringify(feature.reasons.map(storableText)),
      ],
    );
  }
  return kept!.report_id;
}
