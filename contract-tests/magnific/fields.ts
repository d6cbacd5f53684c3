/** What the proof's provider faults damage: fields of the responses. */
import type { Fields } from "../proof/faults/responses.js";

export const FIELDS: Fields = { id: "task_id", status: "status", list: "generated" };
