/** Which predictions and records of one model are asked about. */
export interface Asked {
  readonly modelName: string;
  readonly predictionIds: readonly string[];
  readonly clientRecordIds: readonly string[];
}

type Item = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '?');
const day = (value: unknown): string => text(value).slice(0, 10);

const sentences: Readonly<Record<string, (item: Item, reporter: string) => string>> = {
  'serving.decision.recorded.v1': (item, reporter) => {
    const overriding = item['overriddenBy'] === undefined ? '' : `; ${text(item['overriddenBy'])} overruled the model`;
    const because = item['reason'] === undefined ? '' : `${overriding === '' ? ';' : ''} because: ${text(item['reason'])}`;
    return `On ${day(item['decidedAt'])} ${reporter} decided ${text(item['outcome'])} by rule ${text(item['ruleVersion'])}${overriding}${because}.`;
  },
  'serving.ground-truth.received.v1': (item, reporter) => {
    const chosen = item['selection'] === undefined ? '' : `, selected by ${text(item['selection']).replaceAll('-', ' ')}`;
    return `What really happened became known on ${day(item['occurredAt'])}: ${text(item['label'])} (${text(item['source'])}${chosen}), as ${reporter} reported.`;
  },
};

/** Who reported, as the event says: the identity, and the key where one person may hold several. */
export function reporterOf({ reportedBy, keyId }: Item): string {
  const key = keyId === undefined ? '' : `key ${text(keyId)}`;
  if (reportedBy !== undefined) return `${text(reportedBy)}${key === '' ? '' : ` (${key})`}`;
  return key === '' ? 'a client' : `client ${key}`;
}

/** Tells only what a submission says about the predictions asked about: others are other people's. Undefined when it says nothing about them. */
export function describeFeedback(type: string, data: unknown, asked: Asked): string | undefined {
  const sentence = sentences[type];
  const { items, modelName } = (data ?? {}) as Item;
  if (!sentence || !Array.isArray(items) || modelName !== asked.modelName) return undefined;
  const told = (items as Item[]).filter(
    ({ predictionId, clientRecordId }) =>
      asked.predictionIds.includes(predictionId as string) || asked.clientRecordIds.includes(clientRecordId as string),
  );
  return told.length === 0 ? undefined : told.map((item) => sentence(item, reporterOf(data as Item)).replace(/([.!?])\.$/, '$1')).join(' ');
}
