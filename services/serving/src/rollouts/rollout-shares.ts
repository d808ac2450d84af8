import type { RoutedVersion } from '@bascule/contracts';
import type { RolloutStatus } from './rollout-state.js';

export type LoadedArtifact = Omit<RoutedVersion, 'percent' | 'role' | 'signed'> & { readonly signed?: RoutedVersion['signed'] | null };

/** How far a rollout has brought its version. */
export interface Standing {
  readonly status: RolloutStatus;
  readonly percent: number;
  readonly candidate: LoadedArtifact;
  /** True while the version sees copies only. */
  readonly isShadow?: boolean;
  /** How many percent of the requests a champion without a share sees a copy of. */
  readonly baselinePercent?: number;
}

/** What a model's endpoint routes to while, and after, a rollout: the champion gives what the challenger takes. */
export function sharesOf(champion: LoadedArtifact | undefined, rollout: Standing | undefined): RoutedVersion[] {
  const stays = champion ? [routed(champion, 100, 'champion')] : [];
  if (!rollout) return stays;
  const { status, percent, candidate, isShadow, baselinePercent } = rollout;
  switch (status) {
    case 'loading':
      return [...stays, routed(candidate, 0, 'challenger')];
    case 'running':
      if (!champion) return [routed(candidate, 100, 'champion')];
      if (isShadow) return [...stays, routed(candidate, percent, 'shadow')];
      return [
        { ...routed(champion, 100 - percent, 'champion'), ...baselineOf(percent, baselinePercent) },
        routed(candidate, percent, 'challenger'),
      ];
    case 'completed':
      // the former champion stays in memory until the alias has moved
      return [
        routed(candidate, 100, 'champion'),
        ...(champion && champion.version !== candidate.version ? [routed(champion, 0, 'challenger')] : []),
      ];
    default:
      return stays;
  }
}

/** Who has all requests has nobody beside it to be compared with: the champion, still loaded, answers copies of a part of them. */
function baselineOf(percent: number, copies: number | undefined): Pick<RoutedVersion, 'copies'> {
  return percent === 100 && copies !== undefined ? { copies } : {};
}

function routed(
  { version, artifactDigest, artifactSizeBytes, signature, signed }: LoadedArtifact,
  percent: number,
  role: RoutedVersion['role'],
): RoutedVersion {
  return { version, artifactDigest, artifactSizeBytes, signature, percent, role, ...(signed ? { signed } : {}) };
}
