/** An instant as people say it: `23 Nov 2026, 17:38`, in their own time zone; nothing for none. */
export function moment(instant: string | null): string {
  return instant === null ? '' : new Date(instant).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** The same to the second, for what follows closely on each other. */
export function exactMoment(instant: string | null): string {
  return instant === null ? '' : new Date(instant).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}
