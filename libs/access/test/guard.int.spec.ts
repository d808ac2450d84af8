import { type AccessEntry, buckets, freezeKey, type Role } from '@bascule/contracts';
import { KvWriter, MessagingModule, type NatsConnectionHolder, openConnection } from '@bascule/messaging';
import { PlatformModule, platformConfigSchema, type RunningService, runService } from '@bascule/platform';
import { eventually, type TestIssuer, testIssuer, testNats } from '@bascule/testing';
import { Controller, Get, Module, Param, Post, type Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccessModule, Credential, FreezeSwitch, hashSecret, newKey, Public, Roles, requireModel } from '../src/index.js';

@Controller('v1')
@Roles('scientist', 'auditor')
class ModelsController {
  @Get('models/:model')
  read(@Credential() credential: Credential, @Param('model') model: string) {
    requireModel(credential, model);
    return { identity: credential.identity };
  }
  @Post('models')
  @Roles('scientist')
  write() {
    return {};
  }
  @Get('about')
  @Public()
  about() {
    return { name: 'models' };
  }
}

@Controller('v1/open')
class UndecidedController {
  @Get()
  read() {
    return {};
  }
}

function start(natsUrl: string, controller: Type, env: Record<string, string> = {}): Promise<RunningService> {
  @Module({ controllers: [controller] })
  class GuardedModule {}
  return runService(
    {
      service: 'registry',
      configSchema: platformConfigSchema,
      module: (config) => ({
        module: GuardedModule,
        imports: [
          PlatformModule.forRoot({ service: 'registry', config }),
          MessagingModule.forRoot({ service: 'registry', natsUrl }),
          AccessModule.forRoot(),
        ],
      }),
    },
    { NATS_URL: natsUrl, LOG_LEVEL: 'silent', ...env },
  );
}

let nats: Awaited<ReturnType<typeof testNats>>;
let connection: NatsConnectionHolder;
let service: RunningService;
let issuer: TestIssuer;
let kv: KvWriter;
beforeAll(async () => {
  nats = await testNats();
  connection = await openConnection(nats.url, 'test');
  kv = new KvWriter(connection);
  issuer = await testIssuer();
  await issuer.addKey('k1');
  service = await start(nats.url, ModelsController, {
    JWT_ISSUER: issuer.issuer,
    JWT_AUDIENCE: 'bascule',
    JWT_JWKS_URL: issuer.jwksUrl,
  });
});
afterAll(async () => {
  await service?.close();
  await connection?.close();
  await issuer?.stop();
  await nats?.stop();
});

async function issue(roles: Role[], models = ['*']): Promise<{ token: string; entry: AccessEntry }> {
  const { keyId, secret, token } = newKey();
  const entry = { keyId, identity: 'ada', secretHash: hashSecret(secret), roles, models, datasets: [], revokedAt: null };
  await kv.put(buckets.access, keyId, entry);
  await eventually(async () => (await call('GET', '/v1/models/claims', token)).body.code !== 'access.key_unknown');
  return { token, entry };
}

async function call(method: string, path: string, token?: string) {
  const response = await fetch(service.url + path, { method, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json(), challenge: response.headers.get('www-authenticate') };
}

describe('a route', () => {
  it('is closed while no key is known at all', async () => {
    expect(await call('GET', '/v1/models/claims', newKey().token)).toMatchObject({ status: 401, body: { code: 'access.key_unknown' } });
    expect(await call('GET', '/v1/models/claims')).toMatchObject({
      status: 401,
      body: { code: 'access.key_missing' },
      challenge: 'Bearer',
    });
  });

  it('opens for a role it names, and a role of the method replaces those of the controller', async () => {
    const { token } = await issue(['auditor']);
    expect(await call('GET', '/v1/models/claims', token)).toMatchObject({ status: 200, body: { identity: 'ada' } });
    expect(await call('POST', '/v1/models', token)).toMatchObject({ status: 403, body: { code: 'access.role_required' } });
  });

  it('is not open to admin unless it says so', async () => {
    const { token } = await issue(['admin']);
    expect((await call('GET', '/v1/models/claims', token)).status).toBe(403);
  });

  it('keeps a key to its patterns', async () => {
    const { token } = await issue(['scientist'], ['claims-*']);
    expect((await call('GET', '/v1/models/claims-triage', token)).status).toBe(200);
    expect(await call('GET', '/v1/models/loans', token)).toMatchObject({ status: 403, body: { code: 'access.model_not_allowed' } });
  });

  it('refuses the right key id with another secret', async () => {
    const { entry } = await issue(['scientist']);
    const { secret } = newKey();
    expect((await call('GET', '/v1/models/claims', `bsc_${entry.keyId}_${secret}`)).body.code).toBe('access.key_unknown');
  });

  it('closes within a second after the key was revoked', async () => {
    const { token, entry } = await issue(['scientist']);
    await kv.put(buckets.access, entry.keyId, { ...entry, revokedAt: new Date().toISOString() });
    const revoked = async () => (await call('GET', '/v1/models/claims', token)).body.code === 'access.key_revoked';
    await eventually(revoked, { timeoutMs: 1000 });
  });

  it('needs no key when it is public', async () => {
    expect((await call('GET', '/v1/about')).status).toBe(200);
  });

  it('that nobody decided about keeps the service from starting', async () => {
    await expect(start(nats.url, UndecidedController)).rejects.toThrow('routes without @Roles or @Public: UndecidedController.read');
  });
});

describe('a route with a token', () => {
  it('opens as with a key: by role and by name', async () => {
    const token = await issuer.token({ sub: 'ada', roles: ['auditor'], models: ['claims-*'] });
    expect(await call('GET', '/v1/models/claims-triage', token)).toMatchObject({ status: 200, body: { identity: 'ada' } });
    expect(await call('GET', '/v1/models/loans', token)).toMatchObject({ status: 403, body: { code: 'access.model_not_allowed' } });
    expect(await call('POST', '/v1/models', token)).toMatchObject({ status: 403, body: { code: 'access.role_required' } });
  });

  it('is closed to a token without roles or names, and to one that is not of the issuer', async () => {
    expect((await call('GET', '/v1/models/claims', await issuer.token({ sub: 'ada' }))).body.code).toBe('access.role_required');
    const nameless = await issuer.token({ sub: 'ada', roles: ['auditor'] });
    expect((await call('GET', '/v1/models/claims', nameless)).body.code).toBe('access.model_not_allowed');
    const expired = await issuer.token({ sub: 'ada', roles: ['auditor'] }, { expiresIn: -60 });
    expect(await call('GET', '/v1/models/claims', expired)).toMatchObject({
      status: 401,
      body: { code: 'access.token_expired' },
      challenge: 'Bearer',
    });
    expect((await call('GET', '/v1/models/claims', 'not.a.token')).status).toBe(401);
  });

  it('answers a token of a megabyte with a client error', async () => {
    const token = await issuer.token({ sub: 'ada', padding: 'x'.repeat(1_000_000) });
    const ask = () => fetch(`${service.url}/v1/models/claims`, { headers: { authorization: `Bearer ${token}` } });
    // who is still sending when the connection ends may not hear why
    const response = await eventually(ask);
    expect(response.status).toBe(431);
    const long = await issuer.token({ sub: 'ada', padding: 'x'.repeat(11_000) });
    expect((await call('GET', '/v1/models/claims', long)).status).toBe(403);
  });

  it('shows how old the keys of the issuer are, in health and as a metric', async () => {
    const { checks } = await (await fetch(`${service.adminUrl}/health/ready`)).json();
    expect(checks['token-issuer']).toMatchObject({ ok: true, detail: expect.stringMatching(/^1 keys, read \d+ s ago$/) });
    const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^access_issuer_keys_age_seconds\S* \d/m);
    expect(metrics).toMatch(/^access_keys_age_seconds\S* \d/m);
  });

  it('does not open when only half of the settings are there: the service says what is missing', async () => {
    const half = start(nats.url, ModelsController, { JWT_ISSUER: issuer.issuer, JWT_ROLE_NAMES: 'a=king', JWT_DEFAULT_LIMITS: '{"a":1}' });
    await expect(half).rejects.toThrow(/JWT_AUDIENCE[\s\S]*JWT_JWKS_URL[\s\S]*JWT_ROLE_NAMES[\s\S]*JWT_DEFAULT_LIMITS/);
    await expect(start(nats.url, ModelsController, { JWT_JWKS_URL: issuer.jwksUrl })).rejects.toThrow(/JWT_ISSUER/);
    await expect(start(nats.url, ModelsController, { JWT_ALGORITHMS: 'RS256,HS256' })).rejects.toThrow(/JWT_ALGORITHMS/);
  });
});

describe('the freeze switch', () => {
  it('is off until it is used, and follows within a second', async () => {
    const freeze = service.app.get(FreezeSwitch);
    expect([freeze.isFrozen(), freeze.state()]).toEqual([false, undefined]);
    await kv.put(buckets.control, freezeKey, { frozen: true, by: 'otto', reason: 'odd answers', since: new Date().toISOString() });
    await eventually(() => freeze.isFrozen(), { timeoutMs: 1000 });
    expect(freeze.state()).toMatchObject({ by: 'otto', reason: 'odd answers' });
    const { checks } = await (await fetch(`${service.url}/health/ready`)).json();
    expect(checks['freeze-switch'].detail).toBe('frozen');
  });
});

it('known keys stay good while NATS is away, and health tells how old they are', async () => {
  const { token } = await issue(['scientist']);
  await nats.stop();
  expect((await call('GET', '/v1/models/claims', token)).status).toBe(200);
  const { checks } = await (await fetch(`${service.adminUrl}/health/ready`)).json();
  expect(checks.access.detail).toMatch(/^keys confirmed \d+ ms ago$/);
  expect(checks.nats.ok).toBe(false);
});
