import { type Figure, reportFigures } from '../figures.js';
import { writePage } from './page.js';
import { type Behaviour, type Outcome, type Plan, simulate, sound } from './simulate.js';

// How often the judge of rollouts is wrong, both ways, by simulation with the code that judges in production.

const args = process.argv.slice(2);
const at = args.indexOf('--rollouts');
const rollouts = at < 0 ? 1_000 : Number(args[at + 1]);

/** The usual rollout: 10, 50 and 100 percent, a third of the answers with labels, the guard of the gateway watching. */
const usual: Plan = { steps: [10, 50, 100], requestsPerStep: 1_000, labelShare: 0.3, withGuard: true };
/** Two versions side by side, 3,000 requests each, without labels. */
const sideBySide: Plan = { steps: [50], requestsPerStep: 3_000, labelShare: 0, withGuard: false };

interface Scenario {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly plan: Plan;
  readonly wanted?: { readonly better: 'higher' | 'lower'; readonly target: number };
}

const atLeast = { better: 'higher', target: 0.9 } as const;
const atMost = { better: 'lower', target: 0.01 } as const;
const scenarios: Scenario[] = [
  { name: 'a good version, three steps with labels', behaviour: sound, plan: usual, wanted: atMost },
  { name: 'a good version, side by side', behaviour: sound, plan: sideBySide, wanted: atMost },
  { name: 'errors 2 % to 4 %', behaviour: { ...sound, errorRate: 0.04 }, plan: sideBySide, wanted: atLeast },
  { name: 'outputs shifted by PSI 0.2', behaviour: { ...sound, shift: Math.sqrt(0.2) }, plan: sideBySide, wanted: atLeast },
  { name: 'answers take twice as long', behaviour: { ...sound, slowness: 2 }, plan: sideBySide },
  { name: 'errors 2 % to 3 %', behaviour: { ...sound, errorRate: 0.03 }, plan: sideBySide },
  { name: 'half of the requests fail', behaviour: { ...sound, errorRate: 0.5 }, plan: { ...sideBySide, withGuard: true } },
  { name: 'the opposite of the truth, with labels', behaviour: { ...sound, isInverted: true }, plan: { ...sideBySide, labelShare: 0.3 } },
];

const results: { name: string; outcomes: Outcome[]; plan: Plan }[] = [];
const figures: Figure[] = [];
for (const [number, { name, behaviour, plan, wanted }] of scenarios.entries()) {
  const outcomes = Array.from({ length: rollouts }, (_, rollout) => simulate(behaviour, plan, 1 + rollout + number * 1_000_003));
  results.push({ name, outcomes, plan });
  const caught = outcomes.flatMap(({ caughtAt }) => caughtAt ?? []).sort((a, b) => a - b);
  figures.push({
    name: `taken back: ${name}`,
    value: caught.length / rollouts,
    unit: 'of rollouts',
    better: wanted?.better ?? 'higher',
    ...(wanted ? { target: wanted.target } : {}),
  });
  if (behaviour !== sound && caught.length > 0) {
    figures.push({
      name: `  requests of the version until then, median`,
      value: caught[Math.floor(caught.length / 2)]!,
      unit: 'requests',
      better: 'lower',
    });
  }
}
reportFigures(figures, args);
if (args.includes('--docs')) writePage(results, figures, rollouts);
