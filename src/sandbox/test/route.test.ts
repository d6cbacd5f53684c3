import { expect, it } from "vitest";
import { type Route, routeOf } from "../route.js";

const TASKS = "/v1/ai/image-upscaler-precision";
const ID = "046b6c7f-0b8a-43b9-b35d-6489e6daee91";
const UNKNOWN: Route = { name: "unknown" };
const READS = ["GET", "HEAD"];

it.each([
  ["POST", TASKS, { name: "submit" }],
  ["GET", TASKS, { name: "list" }],
  ["HEAD", TASKS, { name: "unknown", allow: ["GET", "POST"] }],
  ["DELETE", TASKS, { name: "unknown", allow: ["GET", "POST"] }],
  ["GET", `${TASKS}/${ID}`, { name: "read", taskId: ID }],
  ["GET", `${TASKS}/nonsense`, { name: "read", taskId: "nonsense" }],
  ["POST", `${TASKS}/${ID}`, { name: "unknown", allow: ["GET"] }],
  ["DELETE", `${TASKS}/${ID}`, { name: "unknown", allow: ["GET"] }],
  ["GET", `${TASKS}/`, UNKNOWN],
  ["GET", `${TASKS}/a/b`, UNKNOWN],
  ["GET", `${TASKS}s`, UNKNOWN],
  ["POST", `${TASKS}s`, UNKNOWN],
  ["GET", `/v2${TASKS}/${ID}`, UNKNOWN],
  ["GET", `/results/${ID}/0.png`, { name: "result", taskId: ID }],
  ["HEAD", `/results/${ID}/12.jpeg`, { name: "result", taskId: ID }],
  ["POST", `/results/${ID}/0.png`, { name: "unknown", allow: READS }],
  ["GET", `/results/${ID}/x.png`, UNKNOWN],
  ["GET", `/results/${ID}/0.`, UNKNOWN],
  ["GET", `/results/${ID}/0.p-g`, UNKNOWN],
  ["GET", `/results/${ID}/0_png`, UNKNOWN],
  ["GET", `/results/${ID}/0.png/more`, UNKNOWN],
  ["GET", `/other/results/${ID}/0.png`, UNKNOWN],
  ["GET", `/results/${ID}0/0.png`, UNKNOWN],
  ["GET", `/results/${ID.slice(1)}/0.png`, UNKNOWN],
  ["GET", `/results/${ID.toUpperCase()}/0.png`, UNKNOWN],
  ["GET", "/", { name: "page" }],
  ["HEAD", "/", { name: "page" }],
  ["POST", "/", { name: "unknown", allow: READS }],
  ["GET", "/sandbox", { name: "page" }],
  ["GET", "/sandbox/state", { name: "page" }],
  ["HEAD", "/sandbox/page.css", { name: "page" }],
  ["DELETE", "/sandbox/state", { name: "unknown", allow: READS }],
  ["GET", "/sandboxes", UNKNOWN],
  ["GET", "/my/sandbox/", UNKNOWN],
  ["GET", "/v1", UNKNOWN],
] satisfies [string, string, Route][])("%s %s", (method, path, expected) => {
  expect(routeOf(method, path)).toEqual(expected);
});
