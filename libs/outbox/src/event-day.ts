const noDay = '1970-01-01';
const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The UTC day inside a UUIDv7; the same id always gives the same day. Other ids give 1970-01-01. */
export function eventDay(eventId: string): string {
  if (!uuidv7.test(eventId)) return noDay;
  const ms = Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16);
  const year = new Date(ms).getUTCFullYear();
  return year > 9999 ? noDay : new Date(ms).toISOString().slice(0, 10);
}
