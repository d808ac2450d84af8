import { z } from 'zod';

const list = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''))
  .pipe(z.array(z.string()).min(1));
const claim = (name: string) => z.string().min(1).max(200).default(name);
const seconds = (count: number, from: number, to: number) => z.coerce.number().int().min(from).max(to).default(count);

/** Algorithms with a public key; whoever holds a shared secret could make tokens as well as check them. */
const algorithm = z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']);

/** Settings of JSON Web Tokens, which every service takes beside keys once JWT_ISSUER is set. */
export const jwtConfig = {
  /** Exactly as in the claim `iss`. */
  JWT_ISSUER: z.string().min(1).optional(),
  /** One of these has to be in the claim `aud`; comma-separated. */
  JWT_AUDIENCE: list.optional(),
  /** Where the issuer publishes its public keys (JWKS). */
  JWT_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** A file with them, instead of the URL. */
  JWT_JWKS_FILE: z.string().min(1).optional(),
  JWT_ALGORITHMS: list.pipe(z.array(algorithm)).default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  /** How far the clocks of issuer and service may be apart. */
  JWT_CLOCK_TOLERANCE_SECONDS: seconds(5, 0, 300),
  /** Refuses tokens issued longer ago, whatever they say of their own end. */
  JWT_MAX_AGE_SECONDS: z.coerce.number().int().min(60).optional(),
  /** How often the keys of the issuer are read again. */
  JWT_JWKS_REFRESH_SECONDS: seconds(300, 1, 86_400),
  /** Pause between readings that tokens with unknown keys ask for. */
  JWT_JWKS_COOLDOWN_SECONDS: seconds(5, 1, 3600),
  /** Names of claims: `a.b` is the claim of that name, or else `b` inside of `a`. */
  JWT_IDENTITY_CLAIM: claim('sub'),
  JWT_ROLES_CLAIM: claim('roles'),
  JWT_MODELS_CLAIM: claim('models'),
  JWT_DATASETS_CLAIM: claim('datasets'),
  JWT_LIMITS_CLAIM: claim('limits'),
  /** Names of the issuer for our roles: `ml-admins=admin,ml-ops=operator`. Without it the names are ours. */
  JWT_ROLE_NAMES: z
    .string()
    .transform((text) => text.split(',').map((pair) => pair.trim()))
    .pipe(z.array(z.string().regex(/^.+=[a-z]+$/, 'theirs=ours, comma-separated')))
    .optional(),
  /** Name patterns of a token without such a claim; none without these. */
  JWT_DEFAULT_MODELS: list.optional(),
  JWT_DEFAULT_DATASETS: list.optional(),
  /** Limits of a token without such a claim, as JSON like those of a key. */
  JWT_DEFAULT_LIMITS: z.string().min(2).optional(),
};
