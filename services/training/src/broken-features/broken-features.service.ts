import type { FeatureBroken } from '@bascule/contracts';
import { Transactions } from '@bascule/database';
import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { BrokenWindowEntity } from './broken-window.entity.js';

/** Windows in which a fault changed a feature of a model. */
@Injectable()
export class BrokenFeaturesService {
  constructor(private readonly transactions: Transactions) {}

  async record({ data }: FeatureBroken): Promise<void> {
    const { modelName, feature, fault, reasons, window } = data;
    await this.transactions.manager.upsert(
      BrokenWindowEntity,
      { modelName, feature, fault, reasons, from: new Date(window.from), to: new Date(window.to) },
      ['modelName', 'feature', 'from', 'to'],
    );
  }

  /** Broken windows of the model that concern one of the features, earliest first. */
  async list(modelName: string, features: readonly string[]): Promise<BrokenWindowEntity[]> {
    return this.transactions.manager.find(BrokenWindowEntity, {
      where: { modelName, feature: In([...features]) },
      order: { from: 'ASC', to: 'ASC' },
    });
  }
}
