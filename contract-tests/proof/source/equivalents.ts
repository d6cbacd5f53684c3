/** Mutants of the source that no test can tell from it, one by one. */
export interface SourceEquivalent {
  readonly file: string;
  /** The line's text, so that an entry stays true when lines move. */
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export const SOURCE_EQUIVALENTS: readonly SourceEquivalent[] = [];
