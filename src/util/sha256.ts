/** SHA-256 of data that comes in pieces. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. Ends the hash. */
  hex(): Promise<string>;
}

interface NodeCrypto {
  createHash(algorithm: "sha256"): { update(data: Uint8Array): unknown; digest(encoding: "hex"): string };
}

/** The runtime's own where it has one that needs no import (Node, Deno, Bun). WebCrypto hashes only what is complete. */
export function sha256(): Sha256 {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const hash = (process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined)?.createHash("sha256");
  if (hash !== undefined) return { update: (bytes) => void hash.update(bytes), hex: async () => hash.digest("hex") };
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  return {
    update: (bytes) => void pieces.push(bytes.slice()),
    async hex() {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(pieces).arrayBuffer()));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
