import { useEffect, useState } from 'react';
import { call, type Session } from './api';
import { EventsPanel } from './events-panel';
import { ExamplePanel } from './example-panel';
import { FreezeSwitch } from './freeze-switch';
import { LoopPicture } from './loop-picture';
import { ModelsPanel } from './models-panel';
import { type Page, pages } from './pages';
import { RolloutsPanel } from './rollouts-panel';
import { ServicesPanel } from './services-panel';
import { SignIn } from './sign-in';
import { useEvents } from './use-events';
import { linkTo, usePlace } from './use-place';

export function App() {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  useEffect(() => {
    call<Session>('/session').then(setSession, () => setSession(null));
  }, []);
  if (session === undefined) return <main className="centre">Loading</main>;
  if (session === null) return <SignIn onSignedIn={setSession} />;
  return <Console session={session} onSignedOut={() => setSession(null)} />;
}

function Console({ session, onSignedOut }: { session: Session; onSignedOut: () => void }) {
  const { events, connected } = useEvents();
  const [name, ...rest] = usePlace();
  const page = pages.find((known) => known.name === name);
  const signOut = () => call('/session', { method: 'DELETE' }).then(onSignedOut);
  return (
    <>
      <header>
        <h1>Bascule</h1>
        <Navigation current={page} />
        <FreezeSwitch roles={session.roles} />
        <span className="quiet">
          {session.identity} ({session.roles.join(', ')})
        </span>
        <button type="button" className="plain" onClick={signOut}>
          Sign out
        </button>
      </header>
      {page ? (
        <main className="grid">{page.show(rest)}</main>
      ) : (
        <main className="grid">
          <LoopPicture events={events} />
          <ServicesPanel />
          <ModelsPanel />
          <RolloutsPanel />
          <ExamplePanel />
          <EventsPanel events={events} connected={connected} />
        </main>
      )}
    </>
  );
}

function Navigation({ current }: { current: Page | undefined }) {
  const link = (href: string, title: string, isHere: boolean) => (
    <a key={href} href={href} aria-current={isHere ? 'page' : undefined}>
      {title}
    </a>
  );
  return (
    <nav aria-label="Pages">
      {link('#/', 'Overview', current === undefined)}
      {pages.map((page) => link(linkTo(page.name), page.title, page === current))}
    </nav>
  );
}
