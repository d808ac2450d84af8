import { createElement, type ReactNode } from 'react';
import { DataPage } from './data/data-page';
import { PoliciesPage } from './policies/policies-page';
import { PromotionsPage } from './promotions/promotions-page';
import { LazyRollouts } from './rollouts/lazy-rollouts';
import { TrainingPage } from './training/training-page';
import { WebhooksPage } from './webhooks/webhooks-page';

/** One page of the console beside the overview; each lives in a folder of its own. */
export interface Page {
  /** First word of its address. */
  readonly name: string;
  readonly title: string;
  /** @param rest the words of the address after the first */
  readonly show: (rest: readonly string[]) => ReactNode;
}

/** In the order of the navigation. */
export const pages: readonly Page[] = [
  { name: 'data', title: 'Data', show: ([batchId]) => createElement(DataPage, { batchId }) },
  { name: 'training', title: 'Training', show: (rest) => createElement(TrainingPage, { rest }) },
  { name: 'promotions', title: 'Promotions', show: ([id]) => createElement(PromotionsPage, { id }) },
  { name: 'policies', title: 'Policies', show: (rest) => createElement(PoliciesPage, { rest }) },
  { name: 'rollouts', title: 'Rollouts', show: (rest) => createElement(LazyRollouts, { rest }) },
  { name: 'webhooks', title: 'Webhooks', show: ([id]) => createElement(WebhooksPage, { id }) },
];
