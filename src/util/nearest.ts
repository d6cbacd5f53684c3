/** Of the names, the one that is most likely meant; `undefined` when none is close. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  const plain = wrong.slice(0, 60).toLowerCase();
  const scored = names.map((name) => ({ name, steps: distance(plain, name.toLowerCase()) }));
  const best = scored.sort((a, b) => a.steps - b.steps)[0];
  return best !== undefined && best.steps <= Math.ceil(plain.length * 0.4) ? best.name : undefined;
}

/** Letters to insert, delete or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
