import { expect, it } from 'vitest';
import { said } from './said';

const refused = {
  title: 'Webhooks may not go to this host',
  detail: '10.0.0.7 is in the own network',
  remedy: 'Have its address added to WEBHOOK_NETWORKS.',
};

it('says what is wrong, and what to do about it to who asked for something', () => {
  expect(said(refused, 422, true)).toBe('10.0.0.7 is in the own network. Have its address added to WEBHOOK_NETWORKS.');
  expect(said(refused, 422, false)).toBe('10.0.0.7 is in the own network');
  expect(said({ detail: `It is frozen. ${refused.remedy}`, remedy: refused.remedy }, 409, true)).toBe(`It is frozen. ${refused.remedy}`);
  expect(said({ ...refused, code: 'platform.invalid_request', detail: 'url: a URL is wanted' }, 400, true)).toBe('url: a URL is wanted');
  expect([said({ title: 'No such model' }, 404, true), said({}, 502, true)]).toEqual(['No such model', 'status 502']);
});
