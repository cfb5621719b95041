/** Typed arrays out of the base64 text that encoding.py makes. */

let halfTable = null;

/** The 65,536 values of half precision, worked out once. */
function halves() {
  if (halfTable) return halfTable;
  halfTable = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    halfTable[bits] =
      exponent === 0
        ? sign * 2 ** -24 * fraction
        : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
  }
  return halfTable;
}

/** Return the bytes of a base64 text. */
function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** Return {values, shape} of a packed array; values is a Float32Array or Uint16Array. */
export function unpack(packed) {
  const bytes = bytesOf(packed.data);
  if (packed.type === "u8") {
    const { low, high, shape } = packed;
    return { values: Float32Array.from(bytes, (level) => low + (level / 255) * (high - low)), shape };
  }
  if (packed.type === "f32") {
    return { values: new Float32Array(bytes.buffer, 0, bytes.length >> 2), shape: packed.shape };
  }
  const words = new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
  if (packed.type === "u16") return { values: words, shape: packed.shape };
  const table = halves();
  const values = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) values[i] = table[words[i]];
  return { values, shape: packed.shape };
}
