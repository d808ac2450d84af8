/** What a file is that was taken for a model by mistake; undefined when nothing is recognised. */
export function otherKindOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'empty';
  const start = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  if (start.startsWith('version https://git-lfs')) return 'a Git LFS pointer, not the file it stands for: run git lfs pull';
  if (/^\s*<(!doctype|html|\?xml)/i.test(start)) return 'a web page, not a model: the download went wrong';
  if (start.startsWith('PK\u0003\u0004')) return 'a ZIP archive, as PyTorch and Keras write it: export the model to ONNX';
  if (start.startsWith('\u0089HDF')) return 'an HDF5 file, as Keras writes it: export the model to ONNX';
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return 'a Python pickle, which is never opened: export the model to ONNX';
  if (/^\s*[{[]/.test(start)) return 'JSON, not a model';
  return undefined;
}
