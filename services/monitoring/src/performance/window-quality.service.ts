import type { ReferenceProfile } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { decodePrediction } from '@bascule/proto';
import { ClassQuality, NumberQuality } from '@bascule/stats';
import { Injectable } from '@nestjs/common';
import type { CalendarWindow } from '../windows/window.js';
import { answeredNumber, probabilitiesOf } from './answer.js';
import { type LabelledAnswer, labelledAnswers } from './performance.queries.js';
import type { WindowQuality } from './quality-verdict.js';

const pageSize = 2_000;

/** Measures labelled predictions of models that answer with several classes or with numbers, page by page. */
@Injectable()
export class WindowQualities {
  constructor(private readonly transactions: Transactions) {}

  /** @returns what could be measured; answers without values, and labels that are no class, count for nothing */
  async measure(
    modelName: string,
    version: number,
    window: CalendarWindow,
    { task, classCount = 2 }: NonNullable<ReferenceProfile['quality']>,
  ): Promise<WindowQuality> {
    const numbers = new NumberQuality();
    const classes = new ClassQuality(classCount);
    for await (const { label, payload, output_names: names } of this.answers(modelName, version, window)) {
      const { outputs } = decodePrediction(payload);
      if (task === 'regression') numbers.add(answeredNumber(names, outputs) ?? Number.NaN, label);
      else classes.add(probabilitiesOf(names, outputs) ?? [], label);
    }
    const { rowCount } = task === 'regression' ? numbers : classes;
    if (rowCount === 0) return { rowCount, measures: {} };
    return { rowCount, measures: task === 'regression' ? numbers.measures() : classes.measures() };
  }

  private async *answers(modelName: string, version: number, window: CalendarWindow): AsyncIterable<LabelledAnswer> {
    let last: LabelledAnswer | undefined;
    for (;;) {
      const page = await labelledAnswers(this.transactions.manager, modelName, version, window, last, pageSize);
      yield* page;
      if (page.length < pageSize) return;
      last = page.at(-1);
    }
  }
}
