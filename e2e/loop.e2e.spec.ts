import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@bascule/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './find-chromium.js';
import { countAuditTypes, countRows, countWaiting, duplicatesOf } from './invariants.js';
import { type Loop, openLoop, type PlayedStep } from './open-loop.js';
import { type Broker, deadLetterCount, isDrained, openBroker, publishHistoryAgain } from './streams.js';

const screenshots = fileURLToPath(new URL('../.cache/screenshots', import.meta.url));

describe('the loop, undisturbed, on two replicas of every service', () => {
  let loop: Loop;
  let broker: Broker;
  let steps: PlayedStep[];

  beforeAll(async () => {
    loop = await openLoop({ replicas: { ingestion: 2, training: 2, registry: 2, serving: 2, monitoring: 2, governance: 2 } });
    broker = await openBroker(loop);
    steps = await loop.play().finished;
    await eventually(() => isDrained(broker), { timeoutMs: 60_000, intervalMs: 250 });
  });
  afterAll(async () => {
    await broker?.close();
    await loop?.close();
  });

  it('plays every step of the example', () => {
    expect(steps.map(({ name, ok, detail }) => (ok ? name : `${name}: ${detail}`))).toEqual([
      'ingest',
      'train',
      'promote',
      'replay',
      'drift',
      'broken-feature',
      'canary',
      'bad-version',
      'audit',
    ]);
  });

  it('stores exactly the predictions that were answered', async () => {
    const answered = new Set(loop.journal().map(({ predictionId }) => predictionId));
    expect(answered.size).toBe(loop.journal().length);
    // a gateway sends what it has captured a moment after it has answered
    await eventually(async () => {
      const { predictions, copies, auditedPredictions, versions, rollouts } = await countRows(loop);
      expect([versions, rollouts]).toEqual([3, 3]);
      expect(predictions).toBe(answered.size);
      expect(auditedPredictions).toBe(answered.size + copies);
    });
  });

  it('gives up on no message, and does nothing twice', async () => {
    expect(await deadLetterCount(broker)).toBe(0);
    expect(await duplicatesOf(loop)).toEqual([]);
  });

  it('tells why a version exists', async () => {
    const { body } = await loop.call<{ items: { version: number; runId: string }[] }>(
      'registry',
      'auditor',
      'GET',
      '/v1/models/claims-triage/versions',
    );
    const { runId } = body.items.find(({ version }) => version === 2)!;
    const why = await loop.call<{ chain: { type: string }[] }>('governance', 'auditor', 'GET', `/v1/audit/why/${runId}`);
    const types = why.body.chain.map(({ type }) => type);
    expect(types).toContain('training.run.requested.v1');
    expect(types.some((type) => type === 'monitoring.drift.detected.v1' || type === 'training.trigger.decided.v1')).toBe(true);
  });

  it('shows itself alive on the console', async (context) => {
    const executablePath = findChromium();
    if (!executablePath) return context.skip('no Chromium on this machine: install the package chromium to look at the console');
    const browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1500 } });
      page.setDefaultTimeout(90_000);
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(loop.stack.info.console.url);
      await page.getByLabel('Key').fill('bsc_wrong_key');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('Key').fill(loop.stack.info.keys.operator);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('champion in production').first().waitFor();
      await page.getByText('rolled-back').first().waitFor();
      await page.locator('tr', { hasText: 'governance' }).getByText('ready').first().waitFor();
      await page.getByText('bad-version').first().waitFor();
      await page.locator('section[aria-label^="Events"] tbody tr').first().waitFor();
      mkdirSync(screenshots, { recursive: true });
      await page.screenshot({ path: `${screenshots}/console.png`, fullPage: true });
      await page.getByRole('link', { name: 'Training', exact: true }).click();
      await page.getByRole('table').first().getByText('claims-triage').first().waitFor();
      await page.getByText('new labelled rows').first().waitFor();
      const boxes = page.getByRole('checkbox');
      await boxes.nth(0).check();
      await boxes.nth(1).check();
      await page.screenshot({ path: `${screenshots}/console-training.png`, fullPage: true });
      await page.getByRole('link', { name: 'Compare 2 runs' }).click();
      await page.locator('tr.differs', { hasText: 'auc' }).waitFor();
      await page
        .getByRole('link', { name: /^claims-triage/ })
        .first()
        .click();
      await page.locator('.steps-list', { hasText: 'register' }).getByText('done').first().waitFor();
      await page.screenshot({ path: `${screenshots}/console-run.png`, fullPage: true });
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await page.setViewportSize({ width: 390, height: 900 });
      await page.screenshot({ path: `${screenshots}/console-narrow.png` });
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('does nothing twice when its whole history is delivered twice', async () => {
    // labelled rows become a batch of their own accord some seconds after the last label
    const isSettled = async () => (await countWaiting(loop)) === 0 && (await isDrained(broker)) && (await countWaiting(loop)) === 0;
    await eventually(isSettled, { timeoutMs: 120_000, intervalMs: 250 });
    const [before, typesBefore] = [await countRows(loop), await countAuditTypes(loop)];
    const published = await publishHistoryAgain(broker);
    expect(published).toBeGreaterThan(50);
    await eventually(() => isDrained(broker), { timeoutMs: 120_000, intervalMs: 250 });
    expect(await countAuditTypes(loop)).toEqual(typesBefore);
    expect(await countRows(loop)).toEqual(before);
    expect(await duplicatesOf(loop)).toEqual([]);
    expect(await deadLetterCount(broker)).toBe(0);
  });
});
