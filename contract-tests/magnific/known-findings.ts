/** Where the provider's own documents contradict themselves: a data file, which `--accept-finding` adds to. */
import { fileURLToPath } from "node:url";
import { readFindings } from "../run/findings.js";

export const FINDINGS_FILE = fileURLToPath(new URL("./known-findings.json", import.meta.url));
export const KNOWN_FINDINGS = readFindings(FINDINGS_FILE);
