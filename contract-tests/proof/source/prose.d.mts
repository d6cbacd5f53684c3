export declare const WHY: string;
export declare const strykerPlugins: readonly {
  readonly kind: string;
  readonly name: string;
  readonly value: { readonly shouldIgnore: (path: unknown) => string | undefined };
}[];
