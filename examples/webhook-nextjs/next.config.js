import { fileURLToPath } from "node:url";

/** In the repository the package is linked from two folders above; installed from npm it needs none of this. */
const root = fileURLToPath(new URL("../../", import.meta.url));

export default { outputFileTracingRoot: root, turbopack: { root } };
