import { fileURLToPath } from 'node:url';
import { seededUniform } from '../serving/random.js';

// Rollouts that happen in memory: both versions answer, gateways count, the judge of monitoring looks again and again.

interface Moments {
  count: number;
  mean: number;
  squares: number;
}
interface Side {
  predictions: number;
  invalid: number;
  scores: Moments;
  loss: Moments;
}
interface Arm {
  answered: number;
  failed: number;
  latency: number[];
}
interface Evidence {
  step: number;
  secondsInStep: number;
  secondsWatched: number;
  strategy: { steps: number[] };
  labelledOfLate: number;
  looks: Record<string, number>;
  labelled: { canary: Side; champion: Side; championSource: string; lastLook: number };
  bias: { canary: Moments; champion: Moments };
  measures: { step: number; canary: Arm; champion: Arm }[];
  outputs: { a: number[]; b: number[] }[];
  disagreement: { rows: number; disagreeing: number; meanDifference: number };
  declared: undefined;
}
interface Verdict {
  verdict: 'pass' | 'fail' | 'insufficient-data';
  reasons: string[];
  looks: Record<string, number>;
  labelledLook: number;
}

const built = (path: string) => fileURLToPath(new URL(`../../../services/${path}`, import.meta.url));
const { judgeRollout } = (await import(built('monitoring/dist/canary/judge-rollout.js'))) as {
  judgeRollout: (evidence: Evidence, policy: object) => Verdict;
};
const { defaultPolicy } = (await import(built('monitoring/dist/policies/policy.js'))) as { defaultPolicy: { canary: object } };
const { RolloutTrack } = (await import(built('serving/dist/rollout-guard/rollout-track.js'))) as {
  RolloutTrack: new (
    id: string,
    model: string,
  ) => {
    answered(who: object, latencyUs: number, nowMs: number): unknown;
    failed(who: object, nowMs: number): unknown;
  };
};
const { latencyBin } = (await import(built('serving/dist/rollout-guard/latency-bins.js'))) as { latencyBin: (us: number) => number };

/** How a version behaves. */
export interface Behaviour {
  readonly errorRate: number;
  /** Of scores on the scale of log odds, in standard deviations: its square is the PSI. */
  readonly shift: number;
  /** Its answers take so many times as long. */
  readonly slowness: number;
  /** It says the opposite of what it should. */
  readonly isInverted: boolean;
}

export const sound: Behaviour = { errorRate: 0.02, shift: 0, slowness: 1, isInverted: false };

export interface Plan {
  /** Share of the requests by step, in percent, and requests of the version in each. */
  readonly steps: readonly number[];
  readonly requestsPerStep: number;
  /** Share of the answers that get a label. */
  readonly labelShare: number;
  /** The gateway's own guard watches too. */
  readonly withGuard: boolean;
}

export interface Outcome {
  /** Requests of the version when it was taken back; undefined when it was not. */
  readonly caughtAt: number | undefined;
  readonly reason: string;
}

const requestsPerSecond = 200;
const judgeEvery = 50;
/** Where the version answers everything, the champion answers copies of so many requests. */
const baselineShare = 0.1;
const medianUs = 20_000;
const edges = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816].map((z) => 1 / (1 + Math.exp(2 - z)));

/** One rollout from its first request to its end, or until the version is taken back. */
export function simulate(behaviour: Behaviour, plan: Plan, seed: number): Outcome {
  const random = seededUniform(seed);
  const champion = new Answers(sound, plan.labelShare, random);
  const canary = new Answers(behaviour, plan.labelShare, random);
  const guard = plan.withGuard ? new RolloutTrack('rollout', 'model') : undefined;
  const evidence: Pick<Evidence, 'measures' | 'outputs'> = { measures: [], outputs: [] };
  let looks: Record<string, number> = {};
  let [asked, nowMs] = [0, 0];
  for (const [step, percent] of plan.steps.entries()) {
    canary.beginStep();
    champion.beginStep();
    evidence.measures.push({ step, canary: canary.arm, champion: champion.arm });
    evidence.outputs.push({ a: canary.outputs, b: champion.outputs });
    let lastLook = 0;
    const ofStep = asked + plan.requestsPerStep;
    while (asked < ofStep) {
      nowMs += 1000 / requestsPerSecond;
      const isCanary = random() * 100 < percent;
      const who = { version: isCanary ? 2 : 1, role: isCanary ? 'challenger' : 'champion', step, champion: 1 };
      const latencyUs = (isCanary ? canary : champion).answer();
      const trip = latencyUs === undefined ? guard?.failed(who, nowMs) : guard?.answered(who, latencyUs, nowMs);
      if (isCanary) asked++;
      if (percent === 100 && latencyUs !== undefined && random() < baselineShare) champion.answer(true);
      if (trip) return { caughtAt: asked, reason: 'gateway' };
      if (!isCanary || asked % judgeEvery !== 0) continue;
      const verdict = judgeRollout(
        {
          ...evidence,
          step,
          looks,
          labelledOfLate: 0,
          secondsInStep: 0,
          secondsWatched: 0,
          strategy: { steps: [...plan.steps] },
          labelled: { canary: canary.side, champion: champion.side, championSource: 'in this step', lastLook },
          bias: { canary: canary.bias, champion: champion.bias },
          disagreement: { rows: 0, disagreeing: 0, meanDifference: 0 },
          declared: undefined,
        },
        { ...defaultPolicy.canary, minLabelled: plan.labelShare > 0 ? 20 : 0 },
      );
      looks = verdict.looks;
      lastLook = verdict.labelledLook;
      if (verdict.verdict === 'fail') return { caughtAt: asked, reason: verdict.reasons.at(-1) ?? '' };
    }
  }
  return { caughtAt: undefined, reason: '' };
}

/** What one version answers, counted as gateways and monitoring count it. */
class Answers {
  arm!: Arm;
  outputs!: number[];
  side!: Side;
  bias!: Moments;

  constructor(
    private readonly behaviour: Behaviour,
    private readonly labelShare: number,
    private readonly random: () => number,
  ) {}

  beginStep(): void {
    this.arm = { answered: 0, failed: 0, latency: [] };
    this.outputs = new Array<number>(edges.length + 1).fill(0);
    this.side = { predictions: 0, invalid: 0, scores: none(), loss: none() };
    this.bias = none();
  }

  /** @returns how long it took in microseconds, which nobody counts of a copy; undefined for a request that failed */
  answer(isCopy = false): number | undefined {
    const { behaviour, random } = this;
    if (random() < behaviour.errorRate) {
      this.arm.failed++;
      return undefined;
    }
    const latencyUs = medianUs * behaviour.slowness * Math.exp(0.5 * normal(random));
    if (!isCopy) this.count(latencyBin(latencyUs));
    this.arm.answered++;
    const z = normal(random);
    const truth = 1 / (1 + Math.exp(2 - z));
    const shifted = 1 / (1 + Math.exp(2 - z - behaviour.shift));
    const score = behaviour.isInverted ? 1 - truth : shifted;
    this.outputs[edges.filter((edge) => score >= edge).length]!++;
    this.side.predictions++;
    add(this.side.scores, score);
    if (random() < this.labelShare) {
      const label = random() < truth ? 1 : 0;
      add(this.side.loss, -Math.log(Math.max(0.001, label === 1 ? score : 1 - score)));
      add(this.bias, label - score);
    }
    return latencyUs;
  }

  private count(bin: number): void {
    while (this.arm.latency.length <= bin) this.arm.latency.push(0);
    this.arm.latency[bin]!++;
  }
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function none(): Moments {
  return { count: 0, mean: 0, squares: 0 };
}

function add(moments: Moments, value: number): void {
  moments.count++;
  const delta = value - moments.mean;
  moments.mean += delta / moments.count;
  moments.squares += delta * (value - moments.mean);
}
