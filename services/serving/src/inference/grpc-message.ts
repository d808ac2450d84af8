/** A text as `grpc-message`: gRPC encodes, of its UTF-8, what is not printable ASCII, and the percent sign. */
export function grpcMessage(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/g, (part) =>
    Buffer.from(part, 'utf8').reduce((encoded, byte) => `${encoded}%${byte.toString(16).toUpperCase().padStart(2, '0')}`, ''),
  );
}
