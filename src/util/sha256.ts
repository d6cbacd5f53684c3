/** SHA-256 over data that comes in pieces. WebCrypto hashes only what it is given whole. */

export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. Ends the hash. */
  hex(): string;
}

interface NodeCrypto {
  createHash(algorithm: "sha256"): { update(data: Uint8Array): unknown; digest(encoding: "hex"): string };
}

/** The runtime's own where it has one that needs no import (Node, Deno, Bun), which is many times faster. */
export function sha256(): Sha256 {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const crypto = process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  const hash = crypto?.createHash("sha256");
  if (hash === undefined) return portableSha256();
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

/** The first 32 bits of the fractional parts of a root of the first primes (FIPS 180-4, sections 4.2.2 and 5.3.3). */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const values = new Int32Array(count);
  for (let number = 2, found = 0; found < count; number++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) prime = false;
    if (!prime) continue;
    const value = root(number);
    values[found++] = Math.floor((value - Math.floor(value)) * 2 ** 32) | 0;
  }
  return values;
}

let rounds: Int32Array | undefined;

/** FIPS 180-4 in plain JavaScript. */
export function portableSha256(): Sha256 {
  rounds ??= fractions(64, Math.cbrt);
  const constants = rounds;
  const state = fractions(8, Math.sqrt);
  const schedule = new Int32Array(64);
  const block = new Uint8Array(64);
  let filled = 0;
  let length = 0;

  const update = (bytes: Uint8Array): void => {
    length += bytes.byteLength;
    const part = bytes.subarray(0, 64 - filled);
    block.set(part, filled);
    filled += part.byteLength;
    if (filled < 64) return;
    compress(state, constants, schedule, block, 0);
    let start = part.byteLength;
    for (; start + 64 <= bytes.byteLength; start += 64) compress(state, constants, schedule, bytes, start);
    block.set(bytes.subarray(start));
    filled = bytes.byteLength - start;
  };

  const hex = (): string => {
    const bits = BigInt(length) * 8n;
    update(Uint8Array.of(0x80));
    if (filled > 56) update(new Uint8Array(64 - filled));
    block.fill(0, filled);
    new DataView(block.buffer).setBigUint64(56, bits);
    compress(state, constants, schedule, block, 0);
    return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  };
  return { update, hex };
}

/** One block of 64 bytes. The indices are all inside the arrays, which the compiler cannot see. */
function compress(state: Int32Array, constants: Int32Array, w: Int32Array, bytes: Uint8Array, start: number): void {
  for (let i = 0; i < 16; i++) {
    const at = start + i * 4;
    w[i] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  for (let i = 16; i < 64; i++) {
    const early = w[i - 15] as number;
    const late = w[i - 2] as number;
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
  }
  // Signed words throughout: V8 keeps those in registers.
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const one = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] as number) + (w[i] as number)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  const words = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = ((state[i] as number) + (words[i] as number)) | 0;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
