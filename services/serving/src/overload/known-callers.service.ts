import { AccessDirectory, bearerOf, type Credential } from '@bascule/access';
import { Injectable } from '@nestjs/common';

/** Who sends a request, as far as that is known from memory: for decisions that wait for nothing. */
@Injectable()
export class KnownCallers {
  constructor(private readonly access: AccessDirectory) {}

  /** Undefined for who may not enter, and for a token whose signature was not checked yet. */
  find(authorization: string | undefined): Credential | undefined {
    if (authorization === undefined) return undefined;
    try {
      const found = this.access.authenticate(bearerOf(authorization));
      return found instanceof Promise ? undefined : found;
    } catch {
      return undefined;
    }
  }

  /** Whose share of the room a body takes: that of the key, and of the address while no key is known. */
  senderOf(authorization: string | undefined, address: string | undefined): string {
    return this.find(authorization)?.keyId ?? `address ${address}`;
  }
}
