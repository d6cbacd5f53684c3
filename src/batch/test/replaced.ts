/** Calls of the system that fail, or find something in between, as they do on other machines and at bad moments. */
import { syncBuiltinESMExports } from "node:module";

/** Runs with another function in the place of one of a module of Node's, for every importer of it. */
export async function replaced<M extends object, K extends keyof M, T>(
  module: M,
  name: K,
  make: (real: M[K]) => M[K],
  run: () => Promise<T>,
): Promise<T> {
  const real = module[name];
  module[name] = make(real);
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    module[name] = real;
    syncBuiltinESMExports();
  }
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}
