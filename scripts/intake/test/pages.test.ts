import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeAll } from "../transaction.js";
import { BAD, GOOD } from "./pages.js";
import { freshRoot, plan, seedDocument, snapshot } from "./roots.js";

describe("pages that are taken in", () => {
  for (const { what, content, file, document, notes } of GOOD) {
    it(what, () => {
      const root = freshRoot();
      const more = file === undefined ? {} : { file };
      const first = plan(root, content, more);
      const [taken] = first.documents;
      expect(taken?.name).toBe("upscaler-precision.yaml");
      expect(taken?.after?.document).toEqual(document ?? seedDocument());
      expect(taken?.notes.join("\n")).toMatch(notes ?? /^$/);
      // Of a plain document every byte is kept, of a page too.
      writeAll(root, first.files);
      const form = taken?.form;
      const kept = form === "document" ? "upscaler-precision.yaml" : "pages/upscaler-precision.md";
      expect(readFileSync(join(root, "openapi", kept)).equals(Buffer.from(content))).toBe(true);
      // The same once more changes nothing.
      const second = plan(root, content, { ...more, date: "2031-01-01" });
      expect(second.documents[0]?.status).toBe("unchanged");
      expect([...second.files.keys()]).toEqual([]);
    });
  }
});

describe("pages that are refused", () => {
  for (const { what, content, file, error } of BAD) {
    it(what, () => {
      const root = freshRoot();
      const before = snapshot(root);
      expect(() => plan(root, content, file === undefined ? {} : { file })).toThrow(error);
      expect(snapshot(root)).toEqual(before);
    });
  }
});
