/** Something that a document gets wrong or leaves out. */
export interface Flaw {
  readonly rule: string;
  /** Where, as JSON pointer. */
  readonly pointer: string;
  readonly message: string;
}
