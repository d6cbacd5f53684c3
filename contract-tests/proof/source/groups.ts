/** The source in groups that are mutated together, with the tests that stand nearest to them. */
export interface Group {
  readonly name: string;
  readonly files: RegExp;
  /** The tests that mutants meet as far as they reach them; a later look is only for what the one before did not see. */
  readonly looks: readonly RegExp[];
}

/** Without what shows nothing of one process (`memory`) or repeats the others at length (`faults`, `answers`). */
const CLIENT = /^src\/(?!faults|memory|answers|platform)[^/]+\.test\.ts$/;
const CONTRACT = /^contract-tests\/targets\/facade\.test\.ts$/;

export const GROUPS: readonly Group[] = [
  // Its tests load modules anew within a test: what modules do while they load would seem to be that test's alone.
  { name: "src", files: /^src\/platform\.ts$/, looks: [/^src\/platform\.test\.ts$/] },
  { name: "src", files: /^src\/[^/]+\.ts$/, looks: [CLIENT, CONTRACT] },
  { name: "src/errors", files: /^src\/errors\//, looks: [/^src\/errors\/.*\.test\.ts$/, CLIENT, CONTRACT] },
  // Without images over the wire, in every form by every transport, which takes longer than a mutant may.
  { name: "src/image", files: /^src\/image\//, looks: [/^src\/image\/(?!image\.).*\.test\.ts$/] },
  { name: "src/result", files: /^src\/result\//, looks: [/^src\/result\/.*\.test\.ts$/] },
  { name: "src/store", files: /^src\/store\//, looks: [/^src\/store\/.*\.test\.ts$/] },
  { name: "src/task", files: /^src\/task\//, looks: [/^src\/task\/.*\.test\.ts$/, CONTRACT] },
  { name: "src/transport", files: /^src\/transport\//, looks: [/^src\/transport\/.*\.test\.ts$/] },
  // Without ten thousand forgeries, which take longer than a mutant may.
  { name: "src/webhook", files: /^src\/webhook\//, looks: [/^src\/webhook\/(?!forgery).*\.test\.ts$/] },
  // Without the page, which a browser runs, and without processes that are killed: mutants do not reach these.
  { name: "src/sandbox", files: /^src\/sandbox\//, looks: [/^src\/sandbox\/(?!test\/page\.).*\.test\.ts$/] },
  { name: "src/batch", files: /^src\/batch\//, looks: [/^src\/batch\/(?!test\/crash\.).*\.test\.ts$/] },
  // Without tests of the command as a process of its own: mutants do not reach these.
  {
    name: "src/cli",
    files: /^src\/cli\//,
    looks: [/^src\/cli\/(?!test\/(commands|interrupt|sandbox|upscale)\.).*\.test\.ts$/],
  },
];

/** Tests, what only tests use, types alone, and what runs in a browser's page as text. */
const UNMEASURED = /\.(test|test-d)\.ts$|\/(test|testing)\/|^src\/sandbox\/page\/(css|html|script)\.ts$/;

export function groupOf(file: string): Group | undefined {
  return UNMEASURED.test(file) ? undefined : GROUPS.find((group) => group.files.test(file));
}
