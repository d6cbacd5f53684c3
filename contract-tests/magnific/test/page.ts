/** The page that the facade and the sandbox are about, whatever else is vendored. */
import { Contract } from "../../contract.js";
import { only } from "../../run/only.js";

export const { vendored, overlays } = only("upscaler-precision");
export const contract = new Contract(vendored, overlays);
