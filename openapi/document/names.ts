/** The name, with a number at its end where it is taken already; taken from now on. */
export function uniqueName(wanted: string, taken: Set<string>, separator = ""): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}${separator}${count}`;
  taken.add(name);
  return name;
}

/** The name of a vendored document without its ending, as in `generated/<document>/`. */
export function folderOf(name: string): string {
  return name.replace(/\.ya?ml$/, "");
}
