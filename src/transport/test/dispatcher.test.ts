import { expect, it } from "vitest";
import { type DispatchController, Handler, type Receiver } from "../dispatcher.js";

/** Notes what it is told. */
function receiver(more = true): { to: Receiver; told: unknown[]; abort: () => void; resume: () => void } {
  const told: unknown[] = [];
  const here = { abort: (): void => {}, resume: (): void => {} };
  const to: Receiver = {
    start: (abort) => {
      told.push("start");
      here.abort = () => abort("enough");
    },
    head: (status, headers, text, resume) => {
      told.push([status, headers, text]);
      here.resume = resume;
    },
    data: (chunk) => {
      told.push(chunk);
      return more;
    },
    end: () => void told.push("end"),
    fail: (error) => void told.push(["fail", error]),
  };
  return { to, told, abort: () => here.abort(), resume: () => here.resume() };
}

const CHUNK = Uint8Array.of(1);

it.each([true, false])("undici 6 is understood, and told whether to go on: %s", (more) => {
  const { to, told, abort, resume } = receiver(more);
  const handler = new Handler(to);
  const done: unknown[] = [];
  handler.onConnect((reason) => void done.push(reason));
  expect(handler.onHeaders(103, ["link", "x"], () => {})).toBe(true);
  expect(handler.onHeaders(200, ["a", "b"], () => void done.push("resume"), "OK")).toBe(true);
  expect(handler.onData(CHUNK)).toBe(more);
  handler.onComplete();
  handler.onError("broken");
  abort();
  resume();
  expect(told).toEqual(["start", [200, ["a", "b"], "OK"], CHUNK, "end", ["fail", "broken"]]);
  expect(done).toEqual(["enough", "resume"]);
});

it.each([true, false])("undici 7 is understood, and paused where no more can be taken: %s", (more) => {
  const { to, told, abort, resume } = receiver(more);
  const handler = new Handler(to);
  const done: unknown[] = [];
  const controller: DispatchController = {
    rawHeaders: [Buffer.from("A"), Buffer.from("b")],
    abort: (reason) => void done.push(reason),
    pause: () => void done.push("pause"),
    resume: () => void done.push("resume"),
  };
  handler.onRequestStart(controller);
  handler.onResponseStart(controller, 103, {});
  handler.onResponseStart(controller, 199, {});
  handler.onResponseStart(controller, 200, { a: "parsed" }, "OK");
  handler.onResponseData(controller, CHUNK);
  handler.onResponseEnd();
  handler.onResponseError(controller, "broken");
  abort();
  resume();
  expect(told).toEqual(["start", [200, controller.rawHeaders, "OK"], CHUNK, "end", ["fail", "broken"]]);
  expect(done).toEqual([...(more ? [] : ["pause"]), "enough", "resume"]);
});

it("headers that come parsed only are taken apart again", () => {
  const { to, told } = receiver();
  const controller: DispatchController = { abort: () => {}, pause: () => {}, resume: () => {} };
  new Handler(to).onResponseStart(controller, 200, { a: "b", many: ["1", "2"], length: 7 });
  expect(told).toEqual([[200, ["a", "b", "many", "1", "many", "2", "length", "7"], undefined]]);
});
