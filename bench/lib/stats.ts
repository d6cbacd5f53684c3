/** Figures from rounds. Pure. */

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2;
}

/** The median of the ratios within each round, since whatever slowed one slowed the other. */
export function medianRatio(values: readonly number[], base: readonly number[]): number {
  return median(values.map((value, round) => value / (base[round] ?? Number.NaN)));
}

/** Rotated by the round, so that none always comes first or after the same neighbour. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const by = round % Math.max(1, items.length);
  return [...items.slice(by), ...items.slice(0, by)];
}
