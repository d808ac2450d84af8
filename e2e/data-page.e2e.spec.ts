import { eventually } from '@bascule/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findChromium } from './find-chromium.js';
import { type Loop, openLoop } from './open-loop.js';

let loop: Loop;
let batchId: string;

const column = (name: string, rest: object = {}) => ({ name, logicalType: 'string', ...rest });
const contract = {
  ...{ apiVersion: 'v3.1.0', kind: 'DataContract', id: 'urn:test:motor', name: 'motor', version: '1.0.0', status: 'active' },
  schema: [
    {
      name: 'motor',
      properties: [
        column('claim', { physicalName: 'Claim No', primaryKey: true }),
        column('size', {
          physicalName: 'Size',
          quality: [{ metric: 'invalidValues', mustBe: 0, arguments: { validValues: ['Small', 'Large'] } }],
        }),
        { name: 'amount', logicalType: 'number', logicalTypeOptions: { minimum: 0 } },
      ],
    },
  ],
  customProperties: [{ property: 'maxQuarantinedPercent', value: 80 }],
};
const rows = ['C1,Small,1', 'C2,Smal,2', 'C3,tiny,3', 'C4,Large,-4', 'C5,Large', 'C6,Large,6'];

async function send(prefix: string, records = rows): Promise<string> {
  const { services, keys } = loop.stack.info;
  const url = new URL('/v1/datasets/motor/batches?contract=motor', services.ingestion.url);
  const headers = { authorization: `Bearer ${keys.scientist}`, 'content-type': 'text/csv' };
  const answer = await fetch(url, {
    method: 'POST',
    headers,
    body: `Claim No,Size,amount\n${records.map((row) => prefix + row).join('\n')}\n`,
  });
  return ((await answer.json()) as { batchId: string }).batchId;
}

beforeAll(async () => {
  loop = await openLoop();
  await loop.call('ingestion', 'scientist', 'POST', '/v1/contracts', contract);
  batchId = await send('');
  const batch = () => loop.call<{ status: string }>('ingestion', 'scientist', 'GET', `/v1/batches/${batchId}`);
  await eventually(async () => (await batch()).body.status === 'validated');
});
afterAll(() => loop?.close());

it('shows batches, reasons and quarantine, and lets records be fixed and replayed', async (context) => {
  const executablePath = findChromium();
  if (!executablePath) return context.skip('no Chromium on this machine: install the package chromium to look at the console');
  const quiet = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', ...quiet] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(loop.stack.info.console.url);
    await page.getByLabel('Key').fill(loop.stack.info.keys.scientist);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page.getByRole('row', { name: /motor not allowed value size 2 1/ }).waitFor();
    await page
      .getByRole('row', { name: /motor accepted, some in quarantine 6 2 4 0/ })
      .getByRole('link')
      .click();
    await page.getByText('6 read = 2 accepted + 4 quarantined + 0 dropped by policy').waitFor();
    await page.getByText('size is "Smal", which is not among the allowed values').waitFor();

    await page.getByRole('combobox', { name: 'Reason' }).selectOption('not_allowed_value');
    await page.getByLabel('Smal becomes').fill('Small');
    await page.getByLabel('tiny becomes').fill('Small');
    await page.getByLabel('Reason, for the audit log').fill('typing errors');
    await page.getByRole('button', { name: 'Replace texts and replay' }).click();
    await page.getByText('2 records replayed, 2 of them corrected').waitFor();

    await page.getByRole('combobox', { name: 'Reason' }).selectOption('');
    await page.getByRole('button', { name: 'Fix record 4' }).click();
    const form = page.getByRole('form', { name: 'Record 4' });
    await form.getByLabel('amount').fill('4');
    await form.getByLabel('Reason, for the audit log').fill('the sign');
    await form.getByRole('button', { name: 'Fix and replay' }).click();
    await page.getByText('1 record replayed, 1 of them corrected').waitFor();

    await page.getByRole('button', { name: 'Fix record 5' }).click();
    const unreadable = page.getByRole('form', { name: 'Record 5' });
    await unreadable.getByLabel('Reason, for the audit log').fill('half a line');
    await unreadable.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('1 record discarded').waitFor();

    // of six records all but one miss the contract, which bears no more than 80 %: nothing of it was taken
    const spoilt = ['A,Smal,1', 'A,Smal,2', 'A,Smal,3', 'A,Smal,4', 'A,Smal,5', 'AC9,Small,1'];
    const rejected = await send('R', spoilt);
    await eventually(async () => {
      const { body } = await loop.call<{ status: string }>('ingestion', 'scientist', 'GET', `/v1/batches/${rejected}`);
      return body.status === 'rejected';
    });
    await page.goto(`${loop.stack.info.console.url}/#/data/${rejected}`);
    await page.getByText('6 read = 0 accepted + 5 quarantined + 0 dropped by policy + 1 rejected with the batch').waitFor();
    const whole = page.getByRole('form', { name: 'The whole batch' });
    await whole.getByLabel('Reason, for the audit log').fill('once more');
    await whole.getByRole('button', { name: 'Send the whole batch again' }).click();
    await page.getByRole('link', { name: 'the batch that carries its records now' }).waitFor();
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
  }
  const { body } = await loop.call<{ statuses: object }>('ingestion', 'scientist', 'GET', `/v1/batches/${batchId}/quarantine/counts`);
  expect(body.statuses).toEqual({ waiting: 0, resubmitted: 3, discarded: 1 });
  const rowCount = async () => {
    const { body: versions } = await loop.call<{ items: { rowCount: number }[] }>(
      'ingestion',
      'scientist',
      'GET',
      '/v1/datasets/motor/versions',
    );
    return versions.items[0]?.rowCount;
  };
  await eventually(async () => (await rowCount()) === 5);
});

it('shows it to those who may only look, without a way to settle', async (context) => {
  const executablePath = findChromium();
  if (!executablePath) return context.skip('no Chromium on this machine: install the package chromium to look at the console');
  const other = await send('D');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(90_000);
    await page.goto(loop.stack.info.console.url);
    await page.getByLabel('Key').fill(loop.stack.info.keys.auditor);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Data', exact: true }).waitFor();
    await page.goto(`${loop.stack.info.console.url}/#/data/${other}`);
    await page.getByText('Record 4, line 5').waitFor();
    expect(await page.getByRole('button', { name: /Fix record/ }).count()).toBe(0);
  } finally {
    await browser.close();
  }
});
