/** Film grain: noise that is the same on every run, so that the same image gives the same result. */

const SIDE = 256;

/** Noise around zero with a standard deviation of 1, from a small fixed generator (mulberry32, Box-Muller). */
let noise: Float32Array | undefined;

function unitNoise(): Float32Array {
  if (noise !== undefined) return noise;
  let state = 0x9e3779b9;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  noise = Float32Array.from(
    { length: SIDE * SIDE },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
  return noise;
}

/** A grey tile to be laid over a picture with "overlay", where 128 changes nothing; no larger than the picture. */
export function grainTile(
  amount: number,
  picture: { readonly width: number; readonly height: number },
): { input: Buffer; raw: { width: number; height: number; channels: 3 } } {
  const width = Math.min(SIDE, picture.width);
  const height = Math.min(SIDE, picture.height);
  const strength = (amount / 100) * 40;
  const samples = unitNoise();
  const input = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = Math.round(Math.min(255, Math.max(0, 128 + strength * (samples[y * SIDE + x] ?? 0))));
      input.fill(grey, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { input, raw: { width, height, channels: 3 } };
}
