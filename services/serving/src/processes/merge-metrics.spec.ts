import assert from 'node:assert/strict';
import { it } from 'vitest';
import { mergeMetrics } from './merge-metrics.js';

const page = (value: number) => `# HELP asked_total Requests
# TYPE asked_total counter
asked_total{path="/a b{}"} ${value}
asked_total{path="/c"} 1
# HELP up Whether it runs
# TYPE up gauge
up 1
empty{} 2
`;

it('describes each metric once and tells the samples of each process apart', () => {
  const merged = mergeMetrics([
    { process: '1', text: page(5) },
    { process: '2', text: page(7) },
  ]);
  assert.equal(
    merged,
    `# HELP asked_total Requests
# TYPE asked_total counter
asked_total{process="1",path="/a b{}"} 5
asked_total{process="1",path="/c"} 1
asked_total{process="2",path="/a b{}"} 7
asked_total{process="2",path="/c"} 1
# HELP up Whether it runs
# TYPE up gauge
up{process="1"} 1
empty{process="1"} 2
up{process="2"} 1
empty{process="2"} 2
`,
  );
});

it('is a page without samples when no process answers', () => {
  assert.equal(mergeMetrics([]), '\n');
});
