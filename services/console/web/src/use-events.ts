import { useEffect, useState } from 'react';
import type { LiveEvent } from './api';

const shown = 200;

/** The live event stream, newest first, and whether it is connected. */
export function useEvents(): { events: LiveEvent[]; connected: boolean } {
  const [events, setEvents] = useState<LiveEvent[]>([]);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const source = new EventSource('/events');
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    source.onmessage = (message) => {
      const event = JSON.parse(message.data as string) as LiveEvent;
      setEvents((former) => (former.some(({ id }) => id === event.id) ? former : [event, ...former].slice(0, shown)));
    };
    return () => source.close();
  }, []);
  return { events, connected };
}
