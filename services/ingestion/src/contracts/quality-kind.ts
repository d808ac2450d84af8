import type { Severity } from '../validation/expectation.js';
import type { Quality } from './odcs.schema.js';

/** How serious it is to miss a rule: `error` unless the contract says otherwise. */
export function severityOf({ severity }: Quality): Severity {
  return severity === undefined || /^(error|critical|high|fatal)$/i.test(severity) ? 'error' : 'warning';
}

/** True for an assertion that must hold for every record: a record that misses it is quarantined. */
export function isPerRecord(quality: Quality): boolean {
  return quality.type === 'library' && quality.mustBe === 0 && quality.metric !== 'rowCount' && severityOf(quality) === 'error';
}
