import { useEffect, useState } from 'react';
import type { LiveEvent } from './api';
import { Panel } from './panel';

const nodes = [
  { name: 'ingestion', x: 80, y: 50 },
  { name: 'training', x: 330, y: 50 },
  { name: 'registry', x: 580, y: 50 },
  { name: 'serving', x: 830, y: 50 },
  { name: 'monitoring', x: 830, y: 190 },
  { name: 'governance', x: 80, y: 190 },
] as const;

const edges = [
  { path: 'M142 50 H266', label: 'dataset published', x: 205, y: 42 },
  { path: 'M392 50 H516', label: 'run succeeded', x: 455, y: 42 },
  { path: 'M642 50 H766', label: 'promotion approved', x: 705, y: 42 },
  { path: 'M810 73 V165', label: 'predictions', x: 772, y: 122 },
  { path: 'M850 167 V75', label: 'verdicts', x: 878, y: 122 },
  { path: 'M768 180 C 600 130, 400 150, 340 76', label: 'drift', x: 560, y: 138 },
  { path: 'M768 196 C 520 220, 260 180, 110 76', label: 'labelled predictions', x: 400, y: 212 },
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
      <div className="picture">
        <svg
          viewBox="0 0 920 225"
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
          <path d="M80 75 V165" className="edge watched" />
          <text x={92} y={124} className="edge-label start">
            every event
          </text>
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
      </div>
    </Panel>
  );
}
