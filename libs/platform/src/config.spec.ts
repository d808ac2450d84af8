import { describe, expect, it } from 'vitest';
import { ConfigError, platformConfigSchema, readConfig } from './config.js';

describe('readConfig', () => {
  it('fills in what has a default', () => {
    const config = readConfig(platformConfigSchema, { NATS_URL: 'nats://localhost' });
    expect(config).toMatchObject({ PORT: 0, ADMIN_PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'info', OTEL_TRACES_EXPORTER: 'none' });
    expect(config.INSTANCE_ID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('lists every fault at once, without the values', () => {
    try {
      readConfig(platformConfigSchema, { PORT: 'ninety-one', LOG_LEVEL: 'loud' });
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).faults.map((fault) => fault.split(':')[0])).toEqual(['PORT', 'NATS_URL', 'LOG_LEVEL']);
      expect((error as Error).message).not.toContain('ninety-one');
    }
  });

  it('lists faults in the settings of streams and delivery with all the others', () => {
    const faulty = {
      BASCULE_STREAM_MAX_BYTES: '1',
      BASCULE_STREAM_REPLICAS: '9',
      NATS_RESEND_WINDOW_MS: '-1',
      BASCULE_INBOX_KEEP_DAYS: 'x',
    };
    try {
      readConfig(platformConfigSchema, { ...faulty, LOG_LEVEL: 'loud' });
      expect.unreachable();
    } catch (error) {
      const names = (error as ConfigError).faults.map((fault) => fault.split(':')[0]);
      expect(names.toSorted()).toEqual([...Object.keys(faulty), 'LOG_LEVEL', 'NATS_URL'].toSorted());
    }
  });

  it('takes an empty value as not set', () => {
    expect(readConfig(platformConfigSchema, { NATS_URL: 'nats://localhost', PORT: '' }).PORT).toBe(0);
  });
});
