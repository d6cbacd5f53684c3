/** A batch under way, for looks at its parts without the loop around them. */
import { mkdir, rm } from "node:fs/promises";
import { Batch } from "../batch.js";
import { jobOf, placesOf, settingsKey } from "../context.js";
import { Journal } from "../journal/journal.js";
import type { UpscaleAllOptions } from "../options.js";
import { type Digested, digestOf, lookedAt } from "../source-digest.js";
import type { Bench } from "./bench.js";

export interface UnderWay extends AsyncDisposable {
  readonly batch: Batch;
  readonly journal: Journal;
  digested(path: string): Promise<Digested>;
}

export async function underWay({ client, out }: Bench, more: Partial<UpscaleAllOptions> = {}): Promise<UnderWay> {
  const options = { client, out, ...more };
  const places = placesOf(options);
  const journal = await Journal.open(places.journal, 0);
  const batch = new Batch({ options, places, settings: await settingsKey(options), journal });
  await mkdir(batch.work, { recursive: true });
  return {
    batch,
    journal,
    async digested(path) {
      const job = jobOf(places, path);
      const facts = await lookedAt(job);
      return { job, facts, digest: await digestOf(options, job, facts) };
    },
    async [Symbol.asyncDispose]() {
      await journal.close();
      await rm(batch.work, { recursive: true, force: true });
    },
  };
}
