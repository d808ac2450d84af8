const guarded = /^\/v[12]\/models\/([^/?]+)(?:\/[^?]*)?\/(?:infer|predict)(?:\?|$)/;

/** The model that a request asks for answers; undefined for any other request. */
export function guardedModel(method: string | undefined, url: string | undefined): string | undefined {
  return method === 'POST' ? guarded.exec(url ?? '')?.[1] : undefined;
}

export function isGuarded(method: string | undefined, url: string | undefined): boolean {
  return guardedModel(method, url) !== undefined;
}
