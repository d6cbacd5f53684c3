/** A file system that knows no links, such as FAT and some network mounts: the system's call fails as it does there. */
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

export async function withoutLinks<T>(code: string, run: () => Promise<T>): Promise<T> {
  const { link } = fs;
  fs.link = () => Promise.reject(Object.assign(new Error(`${code}: operation not permitted, link`), { code }));
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    fs.link = link;
    syncBuiltinESMExports();
  }
}
