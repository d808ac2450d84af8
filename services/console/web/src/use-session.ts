import type { Session } from './api';
import { usePoll } from './use-poll';

/** Who is signed in, as far as a page offers more to some than to others; the services decide by themselves. */
export function useSession(): Session | undefined {
  return usePoll<Session>('/session', 60_000).value;
}

/** True when somebody holds one of the roles. */
export function hasOneOf(session: Session | undefined, ...roles: readonly string[]): boolean {
  return session?.roles.some((role) => roles.includes(role)) ?? false;
}
