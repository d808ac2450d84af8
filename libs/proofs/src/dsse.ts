import { type KeyObject, sign, verify } from 'node:crypto';

/** A DSSE envelope (v1.0): bytes of a named type, and who signed them. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
}

/** What DSSE signs: the type and the payload, each with its length. */
export function preAuthentication(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

/** Signs bytes with an elliptic-curve key. @param keyId named in the envelope; proves nothing */
export function signEnvelope(payloadType: string, payload: Buffer, privateKey: KeyObject, keyId = ''): Envelope {
  const signature = sign(hashOf(privateKey), preAuthentication(payloadType, payload), privateKey);
  return { payloadType, payload: payload.toString('base64'), signatures: [{ sig: signature.toString('base64'), keyid: keyId }] };
}

/** True when one of the keys made the signature over payload and type. */
export function isSignedByOneOf(keys: readonly KeyObject[], payloadType: string, payload: Buffer, signature: Buffer): boolean {
  const signed = preAuthentication(payloadType, payload);
  return keys.some((key) => key.asymmetricKeyType === 'ec' && verify(hashOf(key), signed, key, signature));
}

/** Strictly: what is skipped while it is decoded could say two things. */
export function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** The hash that goes with a curve. */
function hashOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return curve === 'secp384r1' ? 'sha384' : curve === 'secp521r1' ? 'sha512' : 'sha256';
}
