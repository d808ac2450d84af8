import { useEffect, useState } from 'react';
import { call, type Session } from './api';
import { EventsPanel } from './events-panel';
import { ExamplePanel } from './example-panel';
import { FreezeSwitch } from './freeze-switch';
import { LoopPicture } from './loop-picture';
import { ModelsPanel } from './models-panel';
import { RolloutsPanel } from './rollouts-panel';
import { ServicesPanel } from './services-panel';
import { SignIn } from './sign-in';
import { useEvents } from './use-events';

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
  const signOut = () => call('/session', { method: 'DELETE' }).then(onSignedOut);
  return (
    <>
      <header>
        <h1>Bascule</h1>
        <FreezeSwitch roles={session.roles} />
        <span className="quiet">
          {session.identity} ({session.roles.join(', ')})
        </span>
        <button type="button" className="plain" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main className="grid">
        <LoopPicture events={events} />
        <ServicesPanel />
        <ModelsPanel />
        <RolloutsPanel />
        <ExamplePanel />
        <EventsPanel events={events} connected={connected} />
      </main>
    </>
  );
}
