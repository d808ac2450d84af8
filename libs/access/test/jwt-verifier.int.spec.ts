import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformConfigSchema, readConfig } from '@bascule/platform';
import { eventually, type TestIssuer, temporaryFolder, testIssuer } from '@bascule/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JwtVerifier, jwtSettingsOf } from '../src/index.js';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

let issuer: TestIssuer;
const verifiers: JwtVerifier[] = [];
beforeEach(async () => {
  issuer = await testIssuer();
  await issuer.addKey('k1');
});
afterEach(async () => {
  for (const verifier of verifiers.splice(0)) verifier.keys.stop();
  await issuer.stop();
});

async function verifier(settings: Record<string, string> = {}): Promise<JwtVerifier> {
  const env = { NATS_URL: 'nats://127.0.0.1', JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: 'bascule', JWT_JWKS_URL: issuer.jwksUrl };
  const made = new JwtVerifier(jwtSettingsOf(readConfig(platformConfigSchema, { ...env, JWT_CLOCK_TOLERANCE_SECONDS: '0', ...settings }))!);
  verifiers.push(made);
  await made.keys.start();
  return made;
}

const codeOf = async (work: () => unknown) => {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe('a token', () => {
  it('says who calls, in which roles, for which names and within which limits', async () => {
    const jwt = await verifier({ JWT_IDENTITY_CLAIM: 'email', JWT_ROLES_CLAIM: 'realm_access.roles', JWT_DEFAULT_DATASETS: 'claims-*' });
    const claims = { sub: 'u-1', email: 'ada@example.com', realm_access: { roles: ['client', 'offline_access', 'service'] } };
    const token = await issuer.token({ ...claims, models: ['claims-*'], limits: { rowsPerDay: 5 } });
    expect(await jwt.verify(token)).toEqual({
      keyId: 'jwt:u-1',
      identity: 'ada@example.com',
      roles: ['client'],
      models: ['claims-*'],
      datasets: ['claims-*'],
      limits: { rowsPerDay: 5 },
    });
  });

  it('is checked once and known at once from then on, until it ends', async () => {
    const jwt = await verifier();
    const token = await issuer.token({ sub: 'u' }, { expiresIn: 4 });
    const first = jwt.verify(token);
    expect(first).toBeInstanceOf(Promise);
    expect(jwt.verify(token)).toBe(first);
    const credential = await first;
    expect(jwt.verify(token)).toBe(credential);
    await eventually(async () => (await codeOf(() => jwt.verify(token))) === 'access.token_expired');
  });

  it('that is refused while nobody waits for it any more does no harm', async () => {
    const jwt = await verifier();
    const token = await issuer.token({ sub: 'u' }, { expiresIn: -60 });
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    void jwt.verify(token);
    const later = await issuer.token({ sub: 'later' }, { expiresIn: -60 });
    expect(await codeOf(() => jwt.verify(later))).toBe('access.token_expired');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it.each([
    ['expired', { expiresIn: -1 }, 'access.token_expired'],
    ['for ever', { expiresIn: null }, 'access.token_claims'],
    ['of tomorrow', { notBeforeIn: 3600 }, 'access.token_not_yet_valid'],
    ['for another system', { audience: 'payroll' }, 'access.token_audience'],
    ['for no system', { audience: null }, 'access.token_audience'],
    ['of another issuer', { issuer: 'https://elsewhere.example' }, 'access.token_issuer'],
    ['issued long ago', { issuedAgo: 7200, expiresIn: 60 }, 'access.token_expired'],
    ['issued tomorrow', { issuedAgo: -7200, expiresIn: 9000 }, 'access.token_not_yet_valid'],
  ])('that is %s is refused with a reason of its own', async (_case, options, code) => {
    const jwt = await verifier({ JWT_MAX_AGE_SECONDS: '3600' });
    const token = await issuer.token({ sub: 'u' }, options);
    expect(await codeOf(() => jwt.verify(token))).toBe(code);
  });

  it.each([
    [{}, 'access.token_claims'],
    [{ sub: '' }, 'access.token_claims'],
    [{ sub: 'a\u202eb' }, 'access.token_claims'],
    [{ sub: 'a\0' }, 'access.token_claims'],
    [{ sub: ' padded ' }, 'access.token_claims'],
    [{ sub: 'x'.repeat(201) }, 'access.token_claims'],
    [{ sub: 5 as unknown as string }, 'access.token_claims'],
    [{ sub: 'u', limits: { rowsPerDay: 'many' } }, 'access.token_claims'],
    [{ sub: 'u', limits: { rowsPerYear: 5 } }, 'access.token_claims'],
    [{ sub: 'u', limits: null }, 'access.token_claims'],
    [{ sub: 'u', models: { '*': true } }, 'access.token_claims'],
    [{ sub: 'u', models: Array.from({ length: 101 }, () => 'a') }, 'access.token_claims'],
    [{ sub: 'u', roles: 7 }, 'accepted'],
  ])('with claims nobody can use is refused: %j', async (claims, code) => {
    const jwt = await verifier();
    const token = await issuer.token(claims);
    expect(await codeOf(() => jwt.verify(token))).toBe(code);
  });

  it('names a subject that is long or odd by its digest, and never two alike', async () => {
    const jwt = await verifier();
    const keyIdOf = async (sub: string) => (await jwt.verify(await issuer.token({ sub }))).keyId;
    const odd = await keyIdOf('auth0|5f7c8ec7c33c6c004bbafe82');
    expect(odd).toMatch(/^jwt:~[0-9a-f]{32}$/);
    expect(await keyIdOf('auth0|5f7c8ec7c33c6c004bbafe82')).toBe(odd);
    expect(await codeOf(() => keyIdOf(odd.slice(4)))).toBe('accepted');
    expect(await keyIdOf(odd.slice(4))).not.toBe(odd);
  });

  it('gets the roles its issuer calls by other names', async () => {
    const jwt = await verifier({ JWT_ROLE_NAMES: 'ML Platform Admins=admin, ops=operator' });
    const token = await issuer.token({ sub: 'u', roles: ['ML Platform Admins', 'client'] });
    expect((await jwt.verify(token)).roles).toEqual(['admin']);
  });
});

describe('a signature', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const claims = () => ({ sub: 'u', iss: issuer.issuer, aud: 'bascule', exp: now() + 60 });

  it('is needed: none, and one by a secret, are refused even with the public key as the secret', async () => {
    const jwt = await verifier();
    const none = `${base64({ alg: 'none' })}.${base64(claims())}.`;
    expect(await codeOf(() => jwt.verify(none))).toBe('access.token_algorithm');
    const { keys } = (await (await fetch(issuer.jwksUrl)).json()) as { keys: object[] };
    const head = `${base64({ alg: 'HS256', kid: 'k1' })}.${base64(claims())}`;
    for (const secret of [JSON.stringify(keys[0]), '', 'secret']) {
      const signature = createHmac('sha256', secret).update(head).digest('base64url');
      expect(await codeOf(() => jwt.verify(`${head}.${signature}`))).toBe('access.token_algorithm');
    }
  });

  it('of a changed token, or by another key under the same id, is refused', async () => {
    const jwt = await verifier();
    const [head, , signature] = (await issuer.token({ sub: 'u' })).split('.');
    expect(await codeOf(() => jwt.verify(`${head}.${base64({ ...claims(), sub: 'root' })}.${signature}`))).toBe('access.token_signature');
    const other = await testIssuer();
    await other.addKey('k1');
    const forged = await other.token({ sub: 'u' }, { issuer: issuer.issuer });
    await other.stop();
    expect(await codeOf(() => jwt.verify(forged))).toBe('access.token_signature');
  });

  it('without the id of its key is tried with all keys of its kind', async () => {
    await issuer.addKey('k2');
    await issuer.addKey('k3');
    const jwt = await verifier();
    for (const kid of ['k1', 'k2', 'k3']) {
      expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: kid }, { kid, isAnonymous: true })))).toBe('accepted');
    }
  });

  it('by a secret that the key set shows, or by a private key in it, is worth nothing', async () => {
    const { privateJwk } = { privateJwk: { kty: 'EC', crv: 'P-256', d: 'x', x: 'x', y: 'y', kid: 'leaked' } };
    issuer.answerWith({ status: 200, body: JSON.stringify({ keys: [privateJwk, { kty: 'oct', k: 'AAAA', kid: 'shared' }] }) });
    const jwt = await verifier();
    expect(jwt.keys.standing()?.count).toBe(0);
    expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: 'u' })))).toBe('access.token_key_unknown');
  });
});

describe('the keys of the issuer', () => {
  it('rotate: a new one is known with the first token it signs, a withdrawn one ends its tokens', async () => {
    const jwt = await verifier({ JWT_JWKS_COOLDOWN_SECONDS: '1', JWT_JWKS_REFRESH_SECONDS: '1' });
    const old = await issuer.token({ sub: 'u' }, { expiresIn: 600 });
    await jwt.verify(old);
    await issuer.addKey('k2');
    const fresh = await issuer.token({ sub: 'u' }, { kid: 'k2', expiresIn: 600 });
    await eventually(async () => (await codeOf(() => jwt.verify(fresh))) === 'accepted', { timeoutMs: 5000 });
    expect(await codeOf(() => jwt.verify(old))).toBe('accepted');
    issuer.withdraw('k1');
    await eventually(async () => (await codeOf(() => jwt.verify(old))) === 'access.token_key_unknown', { timeoutMs: 5000 });
  });

  it('stay as they were while the issuer is away or talks nonsense, and follow when it is back', async () => {
    const jwt = await verifier({ JWT_JWKS_COOLDOWN_SECONDS: '1', JWT_JWKS_REFRESH_SECONDS: '1' });
    await issuer.away();
    await eventually(() => jwt.keys.standing()!.ageMs > 1500);
    expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: 'u' })))).toBe('accepted');
    await issuer.back();
    for (const body of ['', '[]', '{"keys":{}}', '<html>', `{"keys":["${'x'.repeat(2_000_000)}"]}`]) {
      issuer.answerWith({ status: 200, body });
      const before = issuer.requests();
      await eventually(() => issuer.requests() > before + 1, { timeoutMs: 10_000 });
      expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: `u${before}` })))).toBe('accepted');
    }
    await issuer.addKey('k2');
    issuer.answerWith();
    await eventually(async () => (await codeOf(async () => jwt.verify(await issuer.token({ sub: 'u' })))) === 'accepted');
  });

  it('that were never read are no reason to refuse a token for good: 503, and accepted once they are', async () => {
    await issuer.away();
    const jwt = await verifier({ JWT_JWKS_COOLDOWN_SECONDS: '1' });
    const token = await issuer.token({ sub: 'u' }, { expiresIn: 600 });
    expect(await codeOf(() => jwt.verify(token))).toBe('access.issuer_unavailable');
    await issuer.back();
    await eventually(async () => (await codeOf(() => jwt.verify(token))) === 'accepted');
  });

  it('are asked for once, however many tokens name unknown ones', async () => {
    const jwt = await verifier();
    const before = issuer.requests();
    await issuer.addKey('hidden', { isPublished: false });
    const token = await issuer.token({ sub: 'u' }, { kid: 'hidden' });
    const [, payload, signature] = token.split('.');
    const codes = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        codeOf(() => jwt.verify(`${base64({ alg: 'ES256', kid: `unknown-${index}` })}.${payload}.${signature}`)),
      ),
    );
    expect(new Set(codes)).toEqual(new Set(['access.token_key_unknown']));
    for (let round = 0; round < 100; round++)
      await codeOf(() => jwt.verify(`${base64({ alg: 'ES256', kid: `later-${round}` })}.${payload}.${signature}`));
    expect(issuer.requests() - before).toBeLessThanOrEqual(1);
    expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: 'u' }, { kid: 'k1' })))).toBe('accepted');
  });

  it('come from a file as well', async () => {
    const file = join(temporaryFolder('jwks'), 'keys.json');
    writeFileSync(file, await (await fetch(issuer.jwksUrl)).text());
    const jwt = await verifier({ JWT_JWKS_URL: '', JWT_JWKS_FILE: file });
    expect(await codeOf(async () => jwt.verify(await issuer.token({ sub: 'u' })))).toBe('accepted');
  });
});

it.each([
  '',
  '.',
  '..',
  'ey',
  'eyJhbGciOiJFUzI1NiJ9',
  'eyJhbGciOiJFUzI1NiJ9..',
  'eyJhbGciOiJFUzI1NiJ9.e30.',
  'eyJhbGciOiJFUzI1NiJ9.e30.AAAA',
  'a.b.c',
  'a.b.c.d.e',
  `${'x'.repeat(7000)}.${'y'.repeat(7000)}.zz`,
  `${base64({ alg: 'ES256', kid: 'k1', crit: ['exp'], exp: 1 })}.${base64({})}.AAAA`,
  `${base64({ alg: 'ES256', kid: 'k1', b64: false, crit: ['b64'] })}.${base64({})}.AAAA`,
  `${base64({ alg: ['ES256'], kid: 'k1' })}.${base64({})}.AAAA`,
  `${base64({ alg: 'ES256', kid: { a: 1 } })}.${base64({})}.AAAA`,
  `${base64({ alg: 'dir', enc: 'A128GCM' })}.${base64({})}.AAAA`,
  `${base64({ alg: 'RS256', kid: 'k1', jwk: { kty: 'RSA' }, jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' })}.${base64({})}.AAAA`,
])('garbage is refused as a client error: %s', async (text) => {
  const jwt = await verifier();
  const code = await codeOf(() => jwt.verify(text));
  expect(code).toMatch(/^access\.token_(malformed|algorithm|signature|key_unknown)$/);
});

it('a token with a megabyte of claims is refused unread', async () => {
  const jwt = await verifier();
  const token = await issuer.token({ sub: 'u', padding: 'x'.repeat(1_000_000) });
  expect(await codeOf(() => jwt.verify(token))).toBe('access.token_malformed');
});
