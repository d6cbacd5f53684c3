export declare const WANTED: string;
export declare const TESTS: string;
export interface Located {
  readonly fileName: string;
  readonly location: { readonly start: Place; readonly end: Place };
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
}
interface Place {
  readonly line: number;
  readonly column: number;
}
export declare function keyOf(mutant: Located, from?: 0 | 1): string;
export declare function isInSample(key: string, every: number): boolean;
export declare const strykerPlugins: readonly object[];
