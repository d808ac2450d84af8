import type { RoutedVersion, RoutingEntry } from '@bascule/contracts';
import type { Share } from './traffic-split.js';

/** How each version of an entry stands at this gateway. */
export type VersionStanding = 'loaded' | 'refused' | 'missing';

/** True when an entry is newer than the one in use; the writer's revisions only grow. */
export function isNewer(entry: RoutingEntry, current: RoutingEntry | undefined): boolean {
  return current === undefined || entry.revision > current.revision;
}

/**
 * May the entry take effect? Only when every version with a share is loaded, so that a change never costs a request;
 * a gateway that has nothing yet may start with what it could load, and the champion takes the share of the refused.
 */
export function decideApply(
  entry: RoutingEntry,
  standing: (version: RoutedVersion) => VersionStanding,
  hasFormer: boolean,
): { apply: false; reason: string } | { apply: true; shares: Share[] } {
  const taking = entry.versions.filter(({ percent, role }) => percent > 0 && role !== 'shadow');
  const lacking = taking.filter((version) => standing(version) !== 'loaded');
  if (taking.length === 0) return { apply: true, shares: [] };
  if (lacking.length === 0) return { apply: true, shares: taking.map(({ version, percent }) => ({ version, percent })) };
  const names = lacking.map((version) => `${version.version} is ${standing(version)}`).join(', ');
  const isAllSettled = lacking.every((version) => standing(version) === 'refused');
  const champion = taking.find((version) => version.role === 'champion' && standing(version) === 'loaded');
  if (hasFormer || !isAllSettled || !champion) return { apply: false, reason: `version ${names}` };
  return { apply: true, shares: [{ version: champion.version, percent: 100 }] };
}
