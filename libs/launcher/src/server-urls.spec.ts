import { describe, expect, it } from 'vitest';
import { placeOf, readDatabaseUrl, readNatsUrl } from './server-urls.js';

describe('the URLs of your servers', () => {
  it('are taken as they are when they look right', () => {
    expect(readDatabaseUrl('postgresql://me:word@db/bascule?sslmode=require')).toContain('sslmode');
    expect(readNatsUrl('nats://db:4222')).toBe('nats://db:4222');
  });

  it.each(['nonsense', 'http://db/x', 'postgres://db', 'postgres://db/'])('refuse %s as a database', (text) => {
    expect(() => readDatabaseUrl(text)).toThrow('DATABASE_URL is no PostgreSQL URL');
  });

  it.each(['nonsense', 'db:4222', 'http://db:4222'])('refuse %s as a NATS server', (text) => {
    expect(() => readNatsUrl(text)).toThrow('NATS_URL is no NATS URL');
  });

  it('are told without the password', () => {
    expect(() => readDatabaseUrl('mysql://me:word@db/x')).toThrow(/^(?!.*word)/);
    expect(placeOf('postgres://me:word@db:5433/x')).toBe('db:5433/x');
  });
});
