import { useEffect, useState } from 'react';
import type { LiveEvent } from './api';
import { Panel } from './panel';

const nodes = [
  { name: 'ingestion', x: 90, y: 50 },
  { name: 'training', x: 280, y: 50 },
  { name: 'registry', x: 470, y: 50 },
  { name: 'serving', x: 660, y: 50 },
  { name: 'monitoring', x: 660, y: 170 },
  { name: 'governance', x: 90, y: 170 },
] as const;

const edges = [
  { path: 'M150 50 H220', label: 'dataset published', x: 185, y: 36 },
  { path: 'M340 50 H410', label: 'run succeeded', x: 375, y: 36 },
  { path: 'M530 50 H600', label: 'promotion approved', x: 565, y: 36 },
  { path: 'M640 72 V148', label: 'predictions', x: 596, y: 108 },
  { path: 'M680 148 V72', label: 'verdicts', x: 718, y: 118 },
  { path: 'M600 162 C 470 120, 330 130, 285 72', label: 'drift', x: 430, y: 118 },
  { path: 'M600 178 C 400 215, 230 150, 110 72', label: 'labelled predictions', x: 300, y: 172 },
] as const;

const glowMs = 4000;

/** The loop as a picture; a service lights up when it publishes, and says what. */
export function LoopPicture({ events }: { events: LiveEvent[] }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Panel title="The loop" wide>
      <svg
        viewBox="0 0 760 225"
        role="img"
        aria-label="Ingestion, training, registry, serving and monitoring in a loop; governance records every event"
      >
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 L8 4 L0 8 Z" className="arrow" />
          </marker>
        </defs>
        {edges.map(({ path, label, x, y }) => (
          <g key={label}>
            <path d={path} className="edge" markerEnd="url(#arrow)" />
            <text x={x} y={y} className="edge-label">
              {label}
            </text>
          </g>
        ))}
        {nodes.map(({ name, x, y }) => {
          const last = events.find(({ type }) => type.startsWith(`${name}.`));
          const lit = last !== undefined && now - Date.parse(last.time) < glowMs;
          return (
            <g key={name} className={lit ? 'node lit' : 'node'}>
              <rect x={x - 60} y={y - 22} width={120} height={44} rx={8} />
              <text x={x} y={y - 2}>
                {name}
              </text>
              <text x={x} y={y + 13} className="fact">
                {last ? last.type.split('.').slice(1, 3).join(' ') : 'silent'}
              </text>
            </g>
          );
        })}
      </svg>
    </Panel>
  );
}
