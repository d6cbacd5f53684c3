/** Faults of a provider, one at a time: each is a way in which an otherwise correct provider breaks its contract. */
import type { Fault } from "./fault.js";
import { FLOW_FAULTS } from "./flows.js";
import { READER_FAULTS } from "./readers.js";
import { REQUEST_FAULTS } from "./requests.js";
import { type Fields, responseFaults } from "./responses.js";
import { TRANSPORT_FAULTS } from "./transport.js";

export function faultsFor(fields: Fields): Fault[] {
  return [...responseFaults(fields), ...REQUEST_FAULTS, ...READER_FAULTS, ...TRANSPORT_FAULTS, ...FLOW_FAULTS];
}
