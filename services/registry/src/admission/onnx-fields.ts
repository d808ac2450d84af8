import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** One field of a protobuf message as it stands in the file. */
export interface Field {
  readonly number: number;
  /** Content of a text, of bytes or of an inner message; a view of the file, nothing is copied. */
  readonly bytes?: Uint8Array;
  readonly integer?: bigint;
}

/**
 * The fields of a message, without building anything: a model of any size is read in the memory of the file.
 * @throws when it is no protobuf message
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) yield { number, bytes: reader.bytes() };
    else if (type === WireType.Varint) yield { number, integer: BigInt(reader.int64()) };
    else reader.skip(type, number);
  }
  if (reader.pos !== reader.len) throw new RangeError('a field reaches beyond the end');
}

const utf8 = new TextDecoder('utf-8');

export function textOf(bytes: Uint8Array | undefined): string {
  return utf8.decode(bytes);
}

/** Numbers of a repeated integer field, packed or one by one. */
export function integersOf({ bytes, integer }: Field): bigint[] {
  if (integer !== undefined) return [integer];
  const found: bigint[] = [];
  const reader = new BinaryReader(bytes ?? new Uint8Array());
  while (reader.pos < reader.len) found.push(BigInt(reader.int64()));
  return found;
}
