import { type AccessLimits, accessLimits, type Role, role } from '@bascule/contracts';
import { ConfigError, type PlatformConfig } from '@bascule/platform';

/** How tokens of the issuer are checked and read. */
export interface JwtSettings {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly keys: { readonly url: string } | { readonly file: string };
  readonly algorithms: readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxAgeSeconds: number | undefined;
  readonly refreshMs: number;
  readonly cooldownMs: number;
  readonly claims: Record<'identity' | 'roles' | 'models' | 'datasets' | 'limits', string>;
  /** The issuer's names of roles to ours. */
  readonly roleNames: ReadonlyMap<string, Role>;
  readonly defaultModels: readonly string[];
  readonly defaultDatasets: readonly string[];
  readonly defaultLimits: AccessLimits | undefined;
}

/** Roles a person or system outside can have. */
const outsideRoles = role.exclude(['service']);

/** Reads the JWT settings of a service; undefined when it takes no tokens. @throws ConfigError with every fault */
export function jwtSettingsOf(config: PlatformConfig): JwtSettings | undefined {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_JWKS_URL: url, JWT_JWKS_FILE: file } = config;
  if (issuer === undefined) {
    if (!audience && !url && !file) return undefined;
    throw new ConfigError(['JWT_ISSUER: needed with the other JWT settings']);
  }
  const faults: string[] = [];
  // without it a token made for another system of the same issuer would open this one
  if (!audience) faults.push('JWT_AUDIENCE: needed with JWT_ISSUER');
  if ((url === undefined) === (file === undefined)) faults.push('JWT_JWKS_URL: set this or JWT_JWKS_FILE');
  const roleNames = roleNamesOf(config.JWT_ROLE_NAMES, faults);
  const defaultLimits = limitsOf(config.JWT_DEFAULT_LIMITS, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    issuer,
    audience: audience ?? [],
    keys: url === undefined ? { file: file ?? '' } : { url },
    algorithms: config.JWT_ALGORITHMS,
    clockToleranceSeconds: config.JWT_CLOCK_TOLERANCE_SECONDS,
    maxAgeSeconds: config.JWT_MAX_AGE_SECONDS,
    refreshMs: config.JWT_JWKS_REFRESH_SECONDS * 1000,
    cooldownMs: config.JWT_JWKS_COOLDOWN_SECONDS * 1000,
    claims: {
      identity: config.JWT_IDENTITY_CLAIM,
      roles: config.JWT_ROLES_CLAIM,
      models: config.JWT_MODELS_CLAIM,
      datasets: config.JWT_DATASETS_CLAIM,
      limits: config.JWT_LIMITS_CLAIM,
    },
    roleNames,
    defaultModels: config.JWT_DEFAULT_MODELS ?? [],
    defaultDatasets: config.JWT_DEFAULT_DATASETS ?? [],
    defaultLimits,
  };
}

function roleNamesOf(pairs: readonly string[] | undefined, faults: string[]): Map<string, Role> {
  if (!pairs) return new Map(outsideRoles.options.map((name) => [name, name]));
  const names = new Map<string, Role>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const ours = outsideRoles.safeParse(pair.slice(at + 1));
    if (ours.success) names.set(pair.slice(0, at), ours.data);
    else faults.push(`JWT_ROLE_NAMES: ${pair.slice(at + 1)} is not one of ${outsideRoles.options.join(', ')}`);
  }
  return names;
}

function limitsOf(text: string | undefined, faults: string[]): AccessLimits | undefined {
  if (text === undefined) return undefined;
  try {
    return accessLimits.strict().parse(JSON.parse(text));
  } catch {
    faults.push(
      `JWT_DEFAULT_LIMITS: JSON like {"requestsPerSecond":50,"rowsPerDay":100000} with ${Object.keys(accessLimits.shape).join(', ')}`,
    );
    return undefined;
  }
}
