import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@bascule/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './find-chromium.js';
import { duplicatesOf } from './invariants.js';
import { type Loop, openLoop } from './open-loop.js';
import { type SteadyTraffic, steadyTraffic } from './steady-traffic.js';
import { type Broker, deadLetterCount, isDrained, openBroker } from './streams.js';

const screenshots = fileURLToPath(new URL('../.cache/screenshots', import.meta.url));
const patience = { timeoutMs: 120_000, intervalMs: 200 };
const model = 'claims-triage';

interface Rollout {
  rolloutId: string;
  promotionId: string;
  version: number;
  status: string;
  step: number;
  percent: number;
  steps: { move: string; reasons: string[] }[];
}

let loop: Loop;
let broker: Broker;
let traffic: SteadyTraffic;

beforeAll(async () => {
  loop = await openLoop({ env: { BASCULE_RETRY_DELAYS_MS: '100,300,900' } });
  broker = await openBroker(loop);
  const steps = await loop.play('promote').finished;
  expect(steps.map(({ ok, detail }) => (ok ? 'ok' : detail))).toEqual(['ok', 'ok', 'ok']);
  // these versions answer the same and get no labels: requests alone decide
  const policy = { canary: { minLabelled: 0, minPredictions: 20 } };
  expect((await loop.call('monitoring', 'operator', 'PUT', `/v1/models/${model}/policy`, policy)).status).toBe(200);
  traffic = steadyTraffic(loop);
});
afterAll(async () => {
  await traffic?.stop();
  await broker?.close();
  await loop?.close();
});

/** Registers the file of the first version again, as the next one. */
async function register(): Promise<number> {
  type Version = { artifactDigest: string; signature: unknown; metrics: Record<string, number>; version: number };
  const first = await loop.call<Version>('registry', 'scientist', 'GET', `/v1/models/${model}/versions/1`);
  const { artifactDigest, signature, metrics } = first.body;
  const body = { artifactDigest, signature, metrics: { ...metrics, auc: Math.min(0.99, (metrics['auc'] ?? 0.7) + 0.05) } };
  const made = await loop.call<Version>('registry', 'scientist', 'POST', `/v1/models/${model}/versions`, body);
  expect([made.status, made.body]).toEqual([201, expect.objectContaining({ artifactDigest })]);
  return made.body.version;
}

/** Asks for production and lets the approver agree. */
async function promote(version: number, strategy: object): Promise<string> {
  const path = `/v1/models/${model}/versions/${version}/promotions`;
  const override = { reason: 'the same file as the champion: nothing can be gained or lost' };
  const body = { environment: 'production', strategy };
  let asked = await loop.call<{ promotionId: string }>('registry', 'scientist', 'POST', path, body);
  if (asked.status === 422) asked = await loop.call('registry', 'admin', 'POST', path, { ...body, override });
  expect([asked.status, asked.body]).toEqual([201, expect.anything()]);
  const { promotionId } = asked.body;
  type Approvals = { items: { approvalId: string; promotionId: string }[] };
  const approval = await eventually(async () => {
    const { body } = await loop.call<Approvals>('governance', 'approver', 'GET', '/v1/approvals?status=pending');
    return body.items.find((item) => item.promotionId === promotionId) ?? false;
  }, patience);
  const vote = { decision: 'grant', reason: 'the same file' };
  expect((await loop.call('governance', 'approver', 'POST', `/v1/approvals/${approval.approvalId}/votes`, vote)).status).toBeLessThan(300);
  return promotionId;
}

/** The rollout of a promotion once it is as wanted; services may be away meanwhile. */
function rolloutOf(promotionId: string, isWanted: (rollout: Rollout) => boolean): Promise<Rollout> {
  return eventually(async () => {
    const { body } = await loop.call<{ items: Rollout[] }>('serving', 'operator', 'GET', `/v1/rollouts?model=${model}`);
    const found = body.items.find((item) => item.promotionId === promotionId);
    if (found && !isWanted(found)) throw new Error(`not yet: ${JSON.stringify(await detail(found.rolloutId))}`);
    return found ?? false;
  }, patience);
}

const detail = async (id: string) => (await loop.call<Rollout>('serving', 'operator', 'GET', `/v1/rollouts/${id}`)).body;
const champion = async () => {
  const { body } = await loop.call<{ items: { alias: string; environment: string; version: number }[] }>(
    'registry',
    'operator',
    'GET',
    `/v1/models/${model}/aliases`,
  );
  return body.items.find(({ alias, environment }) => alias === 'champion' && environment === 'production')?.version;
};
const shares = async () => {
  type Endpoints = { items: { modelName: string; versions: { version: number; percent: number; role: string }[] }[] };
  const { body } = await loop.call<Endpoints>('serving', 'operator', 'GET', '/v1/endpoints');
  const versions = body.items.find(({ modelName }) => modelName === model)?.versions ?? [];
  return versions.filter(({ percent, role }) => percent > 0 && role !== 'shadow').map(({ version, percent }) => `${version}: ${percent} %`);
};
/** How often each fact about a rollout is in the audit log. */
const audited = async (rolloutId: string) => {
  const rows = await loop.query<{ type: string; count: number }>(
    `select type, count(*)::int as count from governance.audit_entries where subject = $1 and type like 'serving.rollout.%' group by type order by type`,
    [rolloutId],
  );
  return Object.fromEntries(rows.map(({ type, count }) => [type.split('.')[2], count]));
};

describe('a rollout under faults', () => {
  it('completes though every service that takes part is killed at every step', async () => {
    const version = await register();
    const promotionId = await promote(version, { steps: [20, 60, 100], minRequests: 30 });
    await loop.stack.kill('serving-1');
    for (const step of [0, 1, 2]) {
      await rolloutOf(promotionId, (rollout) => rollout.status === 'completed' || (rollout.status === 'running' && rollout.step >= step));
      for (const victim of ['registry-1', 'monitoring-1', 'serving-1']) await loop.stack.kill(victim);
      await loop.stack.ready().catch(() => undefined);
    }
    const { rolloutId } = await rolloutOf(promotionId, ({ status }) => status === 'completed');
    await eventually(async () => expect(await champion()).toBe(version), patience);
    expect(await shares()).toEqual([`${version}: 100 %`]);
    const moves = (await detail(rolloutId)).steps.map(({ move }) => move).filter((move) => move !== 'stay');
    expect(moves).toEqual(['load', 'start', 'advance', 'advance', 'complete']);
    await eventually(async () => expect(await audited(rolloutId)).toEqual({ started: 1, advanced: 2, completed: 1 }), patience);
  });

  it('is taken back by an operator while NATS is away, and everyone hears of it afterwards', async () => {
    const before = await champion();
    const version = await register();
    const promotionId = await promote(version, { steps: [50, 100], minSeconds: 600 });
    const { rolloutId } = await rolloutOf(promotionId, ({ status }) => status === 'running');
    await loop.stack.hold('nats');
    const aborted = await eventually(async () => {
      const { status, body } = await loop.call<Rollout>('serving', 'operator', 'POST', `/v1/rollouts/${rolloutId}/abort`, {
        reason: 'NATS is away',
      });
      return (status === 200 || status === 409) && body;
    }, patience);
    expect(aborted).toBeTruthy();
    expect((await detail(rolloutId)).status).toBe('aborted');
    await loop.stack.release('nats');
    await loop.stack.ready();
    await eventually(async () => expect(await shares()).toEqual([`${before}: 100 %`]), patience);
    await eventually(async () => expect(await traffic.versionsOfNext(20)).toEqual([String(before)]), patience);
    await eventually(async () => {
      const { body } = await loop.call<{ status: string }>('registry', 'operator', 'GET', `/v1/promotions/${promotionId}`);
      expect(body.status).toBe('aborted');
    }, patience);
    await eventually(async () => expect(await audited(rolloutId)).toEqual({ started: 1, aborted: 1 }), patience);
    expect(await champion()).toBe(before);
  });

  it('completes though NATS is killed in its middle, and the registry is away when it ends', async () => {
    const version = await register();
    const promotionId = await promote(version, { kind: 'blue-green', steps: [100], minSeconds: 3 });
    await rolloutOf(promotionId, ({ status }) => status === 'running');
    await loop.stack.hold('registry-1');
    await loop.stack.kill('nats');
    const { rolloutId } = await rolloutOf(promotionId, ({ status }) => status === 'completed');
    await loop.stack.release('registry-1');
    await loop.stack.ready();
    await eventually(async () => expect(await champion()).toBe(version), patience);
    await eventually(async () => expect(await audited(rolloutId)).toEqual({ started: 1, completed: 1 }), patience);
  });

  it('leaves nothing done twice or given up', async () => {
    await eventually(() => isDrained(broker), patience);
    expect(await duplicatesOf(loop)).toEqual([]);
    expect(await deadLetterCount(broker)).toBe(0);
  });
});

describe('an operator at the console', () => {
  it('follows a rollout and steers it', async (context) => {
    const executablePath = findChromium();
    if (!executablePath) return context.skip('no Chromium on this machine: install the package chromium to look at the console');
    const version = await register();
    const promotionId = await promote(version, { steps: [50, 100], minSeconds: 600 });
    const { rolloutId } = await rolloutOf(promotionId, ({ status }) => status === 'running');
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1700 } });
      page.setDefaultTimeout(90_000);
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(`${loop.stack.info.console.url}/#/rollouts`);
      await page.getByLabel('Key').fill(loop.stack.info.keys.operator);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('running at 50 %').waitFor();
      await page.goto(`${loop.stack.info.console.url}/#/rollouts/${rolloutId}`);
      await page.getByLabel(`version ${version} answers 50 %`).waitFor();
      // both versions side by side, over time and over their answers
      await page.locator('figure[aria-label="Requests per second"] g[aria-label="line"] path').first().waitFor({ timeout: 60_000 });
      await page.locator('figure[aria-label^="Latency"] g[aria-label="rect"] rect').first().waitFor({ timeout: 60_000 });
      await page.locator('figure[aria-label^="Outputs"] g[aria-label="rect"] rect').first().waitFor({ timeout: 60_000 });
      const steer = async (action: string, shown: string) => {
        await page.getByLabel('Reason').fill(`to ${action}, from the console`);
        await page.getByRole('button', { name: action, exact: true }).click();
        await page.getByText(shown, { exact: true }).first().waitFor();
      };
      await steer('Pause', 'paused');
      await steer('Resume', 'goes on after a pause');
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: `${screenshots}/rollout.png`, fullPage: true });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 390, height: 900 });
      await page.screenshot({ path: `${screenshots}/rollout-narrow.png`, fullPage: true });
      await steer('Abort', 'aborted');
      expect((await detail(rolloutId)).status).toBe('aborted');
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
    await eventually(async () => expect(await audited(rolloutId)).toEqual({ started: 1, steered: 2, aborted: 1 }), patience);
  });
});
