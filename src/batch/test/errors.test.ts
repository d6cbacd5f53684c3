import { expect, it } from "vitest";
import { BatchError, isFull, systemCode } from "../errors.js";

const systemError = (code: unknown): Error => Object.assign(new Error("system"), { code });

it("a batch's error says why, and of what", () => {
  const cause = systemError("ENOSPC");
  const error = new BatchError("disk_full", "/out", "The disk is full.", { cause, submission: "not_sent" });
  expect(error).toMatchObject({
    code: "batch_failed",
    fault: "disk_full",
    path: "/out",
    submission: "not_sent",
    cause,
  });
  expect(error).toMatchObject({ name: "BatchError", message: "The disk is full." });
  expect(new BatchError("output_taken", "/a", "").submission).toBeUndefined();
});

it("the system's code is found on an error or its causes, and on nothing else", () => {
  expect(systemCode(systemError("ENOSPC"))).toBe("ENOSPC");
  expect(systemCode(systemError("E2BIG"))).toBe("E2BIG");
  expect(systemCode(new Error("outer", { cause: systemError("EACCES") }))).toBe("EACCES");
  const between = Object.assign(new Error("between", { cause: systemError("EIO") }), { code: "file_failed" });
  expect(systemCode(new Error("outer", { cause: between }))).toBe("EIO");
  for (const none of ["XENOSPC", "ENOSPC ", "E", "enospc", "", 5, undefined])
    expect(systemCode(systemError(none))).toBeUndefined();
  for (const none of [undefined, null, "ENOSPC", { code: "ENOSPC" }]) expect(systemCode(none)).toBeUndefined();
});

it("a disk, a quota and a file can be full", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EFBIG"]) expect(isFull(systemError(code))).toBe(true);
  for (const error of [systemError("EACCES"), systemError(undefined), undefined]) expect(isFull(error)).toBe(false);
});
