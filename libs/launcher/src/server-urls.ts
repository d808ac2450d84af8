import { OptionError } from './options.js';

const withoutPassword = (text: string) => text.replace(/\/\/[^@/]*@/, '//…@');

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** @throws a message for the person who set it, when this is no URL of a PostgreSQL database */
export function readDatabaseUrl(text: string): string {
  const url = parsed(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '' || url.pathname.length < 2)
    throw new OptionError(
      `DATABASE_URL is no PostgreSQL URL: "${withoutPassword(text)}". It looks like postgres://USER:PASSWORD@HOST:5432/DATABASE`,
    );
  return text;
}

/** @throws a message for the person who set it, when this is no URL of a NATS server */
export function readNatsUrl(text: string): string {
  const url = parsed(text);
  if (!url || !/^(nats|tls):$/.test(url.protocol) || url.hostname === '')
    throw new OptionError(`NATS_URL is no NATS URL: "${withoutPassword(text)}". It looks like nats://USER:PASSWORD@HOST:4222`);
  return text;
}

/** Where a server is, without the password. */
export function placeOf(text: string): string {
  const url = new URL(text);
  return `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
