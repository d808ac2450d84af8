import type { Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';
import { modelNotFound, modelNotReady, pinForbidden } from '../errors.js';
import { RolloutGuard } from '../rollout-guard/rollout-guard.service.js';
import type { LoadedVersion } from '../runtime/models.service.js';
import { type ActiveRoute, RoutingService } from './routing.service.js';
import { chooseVersion } from './traffic-split.js';

/** What a caller says about the version that is to answer. */
export interface VersionWish {
  readonly credential: Credential;
  /** A version an operator pins by header. */
  readonly pin?: string | undefined;
  /** A version from the address. */
  readonly version?: string | undefined;
  /** Chooses among the versions with a share when none is named. */
  readonly routingKey: string;
}

/** Finds the version that answers. */
@Injectable()
export class VersionChoice {
  constructor(
    private readonly routing: RoutingService,
    private readonly guard: RolloutGuard,
  ) {}

  /** @throws serving.model_not_found, serving.model_not_ready */
  requireRoute(modelName: string): ActiveRoute {
    const route = this.routing.find(modelName);
    if (route) return route;
    throw this.routing.isKnown(modelName) ? modelNotReady({ model: modelName }) : modelNotFound({ model: modelName });
  }

  /** A served version for metadata and readiness; without a version, the champion. */
  find(modelName: string, version: string | undefined): { route: ActiveRoute; loaded: LoadedVersion } {
    const route = this.requireRoute(modelName);
    if (version !== undefined) return { route, loaded: requireVersion(route, version) };
    const champion = route.entry.versions.find(({ role }) => role === 'champion')?.version;
    const loaded = route.versions.get(champion ?? route.shares[0]?.version ?? 0);
    if (!loaded) throw modelNotReady({ model: modelName });
    return { route, loaded };
  }

  /** @throws serving.pin_forbidden, serving.model_not_found, serving.model_not_ready */
  choose(route: ActiveRoute, { credential, pin, version, routingKey }: VersionWish): LoadedVersion {
    const isOperator = credential.roles.includes('operator');
    if (pin !== undefined && !isOperator) throw pinForbidden();
    const named = pin ?? version;
    if (named !== undefined) {
      const loaded = requireVersion(route, named);
      // a shadow, or a version that waits or leaves: nobody is to act on its answers
      const takesTraffic = route.shares.some((share) => share.version === loaded.routed.version);
      if (!takesTraffic && !isOperator) throw pinForbidden({}, 'Only operators may ask a version that takes no traffic.');
      return loaded;
    }
    const chosen = chooseVersion(this.guard.sharesOf(route), routingKey, route.entry.rolloutId ?? route.entry.modelName);
    const loaded = chosen === undefined ? undefined : route.versions.get(chosen);
    if (!loaded) throw modelNotReady({ model: route.entry.modelName });
    return loaded;
  }
}

function requireVersion(route: ActiveRoute, version: string): LoadedVersion {
  const loaded = /^[1-9]\d{0,8}$/.test(version) ? route.versions.get(Number(version)) : undefined;
  if (!loaded) throw modelNotFound({ model: route.entry.modelName, version });
  return loaded;
}
