/** What encoding.py sends: JSON, and typed arrays out of the bytes behind it. */

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

/** Return what a message says; its arrays know where their bytes are and wait for `unpack`. */
export function fromWire(message) {
  const headEnd = 4 + new DataView(message.buffer, message.byteOffset).getUint32(0, true);
  const found = JSON.parse(new TextDecoder().decode(message.subarray(4, headEnd)));
  giveBytes(found, message.subarray(headEnd));
  return found;
}

function giveBytes(value, body) {
  if (value.array) value.data = body.subarray(value.at, value.at + value.bytes);
  else {
    for (const inner of Object.values(value)) {
      if (inner && typeof inner === "object") giveBytes(inner, body);
    }
  }
}

/** Return {values, shape} of a packed array; values is a Float32Array or Uint16Array. */
export function unpack(packed) {
  // A copy of its own: a typed array has to begin at a multiple of its width, and what is kept of
  // a message should not keep all of it.
  const bytes = packed.data.slice();
  const { array: kind, shape } = packed;
  if (kind === "u8") {
    const { low, high } = packed;
    return { values: Float32Array.from(bytes, (level) => low + (level / 255) * (high - low)), shape };
  }
  if (kind === "f32") return { values: new Float32Array(bytes.buffer), shape };
  const words = new Uint16Array(bytes.buffer);
  if (kind === "u16") return { values: words, shape };
  const table = halves();
  const values = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) values[i] = table[words[i]];
  return { values, shape };
}
