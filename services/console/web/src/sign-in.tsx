import { type FormEvent, useState } from 'react';
import { call, type Session } from './api';

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [key, setKey] = useState('');
  const [error, setError] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call<Session>('/session', { method: 'POST', body: { key: key.trim() } }).then(onSignedIn, (problem: Error) =>
      setError(problem.message),
    );
  };
  return (
    <main className="centre">
      <form onSubmit={submit} className="card narrow">
        <h1>Bascule</h1>
        <label htmlFor="key">Key</label>
        <input
          id="key"
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-describedby="key-help"
        />
        <p id="key-help" className="quiet">
          npm start prints one key per role. The operator and auditor keys see the most.
        </p>
        <button type="submit" disabled={key.trim() === ''}>
          Sign in
        </button>
        {error ? (
          <p role="alert" className="bad">
            {error}
          </p>
        ) : null}
      </form>
    </main>
  );
}
