import { hash } from 'node:crypto';
import type { BasculeError } from '@bascule/platform';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Credential } from './credential.js';
import {
  tokenAlgorithm,
  tokenAudience,
  tokenClaims,
  tokenExpired,
  tokenIssuer,
  tokenKeyUnknown,
  tokenMalformed,
  tokenNotYetValid,
  tokenSignature,
} from './errors.js';
import { IssuerKeys, type IssuerKeysEvents } from './issuer-keys.js';
import { credentialOfClaims } from './jwt-claims.js';
import type { JwtSettings } from './jwt-settings.js';

const maxTokenLength = 16_000;
const maxVerified = 10_000;
const maxKeysTried = 8;
const tokenPattern = /^[\w-]+\.[\w-]+\.[\w-]*$/;

interface Verified {
  readonly credential: Credential;
  readonly untilMs: number;
}

/** Checks JSON Web Tokens of one issuer. A token is verified once and then known by its digest until it expires. */
export class JwtVerifier {
  readonly keys: IssuerKeys;
  private readonly verified = new Map<string, Verified>();
  private readonly verifying = new Map<string, Promise<Credential>>();
  private readonly options: JWTVerifyOptions;
  /** Grows with every change of the issuer's keys. */
  private keySet = 0;

  constructor(
    private readonly settings: JwtSettings,
    events: Partial<IssuerKeysEvents> = {},
  ) {
    this.keys = new IssuerKeys(settings, {
      onChanged: () => {
        this.keySet++;
        this.verified.clear();
        events.onChanged?.();
      },
      onFailed: (error) => events.onFailed?.(error),
    });
    const { issuer, audience, algorithms, clockToleranceSeconds: clockTolerance, maxAgeSeconds: maxTokenAge } = settings;
    this.options = {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      clockTolerance,
      requiredClaims: ['exp', 'sub'],
      ...(maxTokenAge === undefined ? {} : { maxTokenAge }),
    };
  }

  /** True for what has the form of a token, whoever made it. */
  static isToken(text: string): boolean {
    return !text.startsWith('bsc_') && text.includes('.');
  }

  /** Whose token it is: at once when it is known, else after its signature was checked. @throws access.token_* */
  verify(token: string): Credential | Promise<Credential> {
    if (token.length > maxTokenLength || !tokenPattern.test(token)) throw tokenMalformed();
    const digest = hash('sha256', token, 'base64');
    const known = this.verified.get(digest);
    if (known && known.untilMs > Date.now()) return known.credential;
    if (known) this.verified.delete(digest);
    const running = this.verifying.get(digest);
    if (running) return running;
    const verifying = this.check(token, digest).finally(() => this.verifying.delete(digest));
    // whoever asked may have gone another way meanwhile: a refused token nobody waits for is no fault of the service
    verifying.catch(() => {});
    this.verifying.set(digest, verifying);
    return verifying;
  }

  private async check(token: string, digest: string): Promise<Credential> {
    const keySet = this.keySet;
    const payload = await this.payloadOf(token);
    // JSON may hold 1e999, which would never come
    if (!Number.isFinite(payload.exp)) throw tokenClaims({}, 'The claim exp is invalid.');
    const read = credentialOfClaims(payload, this.settings);
    if ('fault' in read) throw tokenClaims({}, `${read.fault}.`);
    // the key may have been withdrawn while its signature was checked
    if (keySet === this.keySet) this.remember(digest, read.credential, payload);
    return read.credential;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    try {
      return (await jwtVerify(token, (header, input) => this.keys.find(header, input), this.options)).payload;
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return this.payloadByAny(token, error);
      throw refusalOf(error);
    }
  }

  // a token without the id of its key, and an issuer with several keys of that kind
  private async payloadByAny(token: string, candidates: errors.JWKSMultipleMatchingKeys): Promise<JWTPayload> {
    let tried = 0;
    for await (const key of candidates) {
      if (tried++ === maxKeysTried) break;
      try {
        return (await jwtVerify(token, key, this.options)).payload;
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw refusalOf(error);
      }
    }
    throw tokenSignature();
  }

  private remember(digest: string, credential: Credential, { exp, iat }: JWTPayload): void {
    const { maxAgeSeconds, clockToleranceSeconds } = this.settings;
    const ends = Math.min(exp ?? 0, maxAgeSeconds === undefined || iat === undefined ? Infinity : iat + maxAgeSeconds);
    if (this.verified.size >= maxVerified) this.verified.delete(this.verified.keys().next().value ?? '');
    this.verified.set(digest, { credential, untilMs: (ends + clockToleranceSeconds) * 1000 });
  }
}

/** The refusal a client gets for what the library found. Anything else, such as an issuer that is away, is thrown as it is. */
function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return tokenExpired();
  if (error instanceof errors.JWTClaimValidationFailed) return claimRefusal(error);
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return tokenAlgorithm();
  if (error instanceof errors.JWSSignatureVerificationFailed) return tokenSignature();
  if (error instanceof errors.JWKSNoMatchingKey) return tokenKeyUnknown();
  if (error instanceof errors.JOSEError || error instanceof TypeError) return tokenMalformed();
  return error;
}

function claimRefusal({ claim, reason }: errors.JWTClaimValidationFailed): BasculeError {
  if (claim === 'aud') return tokenAudience();
  if (claim === 'iss') return tokenIssuer();
  if (reason === 'missing' || reason === 'invalid') return tokenClaims({}, `The claim ${claim} is ${reason}.`);
  if (claim === 'nbf' || claim === 'iat') return tokenNotYetValid();
  return tokenClaims({}, `The claim ${claim} cannot be used.`);
}
