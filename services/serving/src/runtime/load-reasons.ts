const tampered = 'the artifact was tampered with';

/** The reason given when the bytes are not those that were approved. */
export function tamperedReason(detail: string): string {
  return `${tampered}: ${detail}`;
}

/** True when a gateway refused because of the bytes themselves, which no other gateway can make good. */
export function isTampered(reasons: readonly string[]): boolean {
  return reasons.some((reason) => reason.startsWith(tampered));
}
