import { describe, expect, it } from 'vitest';
import { newWebhookSecret, webhookHeaders } from './webhook-signature.js';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const sentAt = new Date(1_614_265_330_000);

describe('the signature of a webhook', () => {
  it('is that of the example of Standard Webhooks', () => {
    expect(webhookHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', sentAt, '{"test": 2432232314}', [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is made with every secret that is good', () => {
    const other = newWebhookSecret();
    const headers = webhookHeaders('m', sentAt, '{}', [secret, other]);
    const [first, second] = headers['webhook-signature']!.split(' ');
    expect([first, second]).toEqual([
      webhookHeaders('m', sentAt, '{}', [secret])['webhook-signature'],
      webhookHeaders('m', sentAt, '{}', [other])['webhook-signature'],
    ]);
    expect(first).not.toBe(second);
  });
});
