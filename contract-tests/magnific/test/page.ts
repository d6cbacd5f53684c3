/** The page that the facade and the sandbox are about, whatever is vendored besides. */
import { loadDefault } from "../../../openapi/document/load.js";
import { Contract } from "../../contract.js";

export const { vendored, overlays } = loadDefault();
export const contract = new Contract(vendored, overlays);
