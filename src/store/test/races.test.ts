/**
 * Races for the last submits that a limit allows, over the store's own counting and whole clients: 10,000 with
 * `LONG_TESTS=1`. A seed decides what happens next: which process gets on, what its folder shows meanwhile, what the
 * provider answers, and who is killed.
 */
import { setImmediate as settled } from "node:timers/promises";
import { expect, it } from "vitest";
import { Magnific, memoryTaskStore, type Reservation, type TaskStore } from "../../index.js";
import { pngOf } from "../../test-support/png.js";
import { randomOf } from "../../test-support/random.js";
import { SteppingTime } from "../../test-support/stepping-time.js";
import { type CounterFolder, fileCounter } from "../file-counter.js";

const RACES = process.env.LONG_TESTS ? 10_000 : 40;
const IMAGES = Array.from({ length: 24 }, (_, number) => pngOf(120, 1, 1, String(number)));
const OUTCOMES = ["made", "made", "made", "refused", "rate_limited", "unconnected", "lost", "lost_and_made"] as const;
const PAID: readonly string[] = ["made", "lost_and_made"];

interface Process {
  readonly most: number;
  alive: boolean;
  /** What it was granted and has not given back. */
  granted: number;
}
interface Pending {
  readonly of: Process | undefined;
  readonly run: () => void;
}

class Race {
  readonly random: () => number;
  /** The files of the folder, with the order in which they were made. */
  readonly files = new Map<string, { readonly content: string; readonly order: number; readonly by: Process }>();
  readonly faults: string[] = [];
  /** Whether calls of the folder may fail. */
  readonly failing: boolean;
  paid = 0;
  /** Submits that a task was made by, or may have been. */
  counted = 0;
  #pending: Pending[] = [];
  #order = 0;
  readonly entries = memoryTaskStore();

  constructor(seed: number) {
    this.random = randomOf(seed);
    this.failing = this.random() < 0.3;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T;
  }

  /** Waits until the seed says that it is this one's turn; a process that was killed waits for ever. */
  turn(of?: Process): Promise<void> {
    return new Promise((run) => void this.#pending.push({ of, run }));
  }

  /** As a folder behaves while others work in it: a list shows what changes meanwhile, or does not. */
  folderOf(process: Process): CounterFolder {
    const call = async <T>(effect: () => T): Promise<T> => {
      await this.turn(process);
      if (this.failing && this.random() < 0.03) throw new Error("EIO");
      const result = effect();
      await this.turn(process);
      return result;
    };
    return {
      list: async () => {
        const before = await call(() => [...this.files.keys()]);
        const names = new Set([...before, ...this.files.keys()]);
        const sure = (name: string) => before.includes(name) && this.files.has(name);
        return [...names].filter((name) => sure(name) || this.random() < 0.5);
      },
      make: (name, content) =>
        call(() => {
          if (this.files.has(name)) return false;
          this.files.set(name, { content, order: this.#order++, by: process });
          return true;
        }),
      remove: (name, content) =>
        call(() => void (this.files.get(name)?.content === content && this.files.delete(name))),
    };
  }

  /** The store of one process. Whatever it grants must be within this process's limit. */
  storeOf(process: Process): TaskStore {
    const count = fileCounter(this.folderOf(process), "in the folder");
    const reserve = async (most: number): Promise<Reservation> => {
      const { release, ...facts } = await count(most);
      if (release === undefined) return facts;
      process.granted++;
      // A file is within the limit for good once there are so few older ones: of those, none is added.
      const orders = [...this.files.values()].map(({ order }) => order).sort((one, other) => one - other);
      const within = [...this.files.values()].filter(({ by, order }) => by === process && orders.indexOf(order) < most);
      if (process.granted > within.length) this.faults.push("granted above the limit");
      const giveBack = (): Promise<void> => {
        process.granted--;
        return release();
      };
      return { ...facts, release: giveBack };
    };
    return { ...this.entries, reserve };
  }

  clientOf(process: Process, outcomes: readonly (typeof OUTCOMES)[number][] = OUTCOMES): Magnific {
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      const outcome = this.pick(outcomes);
      if (outcome === "unconnected")
        throw new TypeError("no", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) });
      await new Response(init?.body).arrayBuffer();
      // What is on its way arrives, also after the process was killed.
      await this.turn();
      if (PAID.includes(outcome)) this.paid++;
      if (PAID.includes(outcome) || outcome === "lost") this.counted++;
      await this.turn(process);
      if (outcome.startsWith("lost")) throw new TypeError("lost");
      if (outcome === "rate_limited")
        return Response.json({ message: "slow" }, { status: 429, headers: { "retry-after": "1" } });
      if (outcome === "refused") return Response.json({ message: "no" }, { status: 402 });
      return Response.json({ data: { task_id: crypto.randomUUID(), status: "CREATED", generated: [] } });
    };
    const time = new SteppingTime([60_000]);
    const { most: maxSubmits } = process;
    return new Magnific({
      apiKey: "k",
      baseUrl: "https://x.test",
      store: this.storeOf(process),
      maxSubmits,
      fetch,
      time,
      rate: false,
      retry: 1,
    });
  }

  /** Submits at once; afterwards everything has ended, or its process was killed. */
  async submit(
    clients: readonly { process: Process; magnific: Magnific; images: readonly Uint8Array[] }[],
    kills: number,
  ): Promise<string[]> {
    const ended: string[] = [];
    const open = new Map<Process, number>();
    for (const { process, magnific, images } of clients)
      for (const image of images) {
        const before = this.paid;
        const beforeSend = (): void => {
          if (before >= process.most) this.faults.push("sent although the limit was reached before");
        };
        open.set(process, (open.get(process) ?? 0) + 1);
        magnific
          .submit({ image }, { beforeSend })
          .then(
            () => "made",
            ({ code }) => code as string,
          )
          .then((outcome) => {
            ended.push(outcome);
            open.set(process, (open.get(process) ?? 0) - 1);
          });
      }
    const busy = (): boolean =>
      [...open].some(([{ alive }, count]) => alive && count > 0) || this.#pending.some(({ of }) => of === undefined);
    for (await settled(); busy(); await settled()) {
      this.#pending = this.#pending.filter(({ of }) => of?.alive !== false);
      const [next] = this.#pending.splice(Math.floor(this.random() * this.#pending.length), 1);
      next?.run();
      if (kills > 0 && this.random() < 0.02) {
        this.pick(clients).process.alive = false;
        kills--;
      }
    }
    return ended;
  }
}

/** @returns What went wrong. */
async function race(seed: number): Promise<string[]> {
  const race = new Race(seed);
  const { random } = race;
  const equal = random() < 0.5;
  const limit = 1 + Math.floor(random() * 6);
  const deadly = random() < 0.6;
  let most = 0;
  const startOne = () => {
    const process = { most: equal ? limit : 1 + Math.floor(random() * 6), alive: true, granted: 0 };
    most = Math.max(most, process.most);
    const images = Array.from({ length: 1 + Math.floor(random() * 6) }, () => race.pick(IMAGES));
    return { process, magnific: race.clientOf(process), images };
  };
  for (let wave = 0; wave < 2; wave++) {
    const clients = Array.from({ length: 1 + Math.floor(random() * 3) }, startOne);
    await race.submit(clients, deadly ? 2 : 0);
  }
  if (race.paid > most) race.faults.push(`${race.paid} paid with a limit of ${most}`);
  // What was given back can be used: no more and, where nothing failed, no less.
  const late = { most, alive: true, granted: 0 };
  const images = Array.from({ length: most + 1 }, (_, number) => pngOf(130, 1, 1, `late ${number}`));
  const magnific = race.clientOf(late, ["made"]);
  const counted = race.counted;
  let made = 0;
  for (const image of images)
    for (const outcome of await race.submit([{ process: late, magnific, images: [image] }], 0))
      if (outcome === "made") made++;
  if (race.paid > most) race.faults.push(`${race.paid} paid at the end with a limit of ${most}`);
  if (!deadly && !race.failing && made !== most - counted)
    race.faults.push(`${made} more allowed where ${most - counted} were left`);
  return race.faults;
}

it(`of ${RACES} races for the last submits that a limit allows, none pays for one too many`, {
  timeout: 1_200_000,
}, async () => {
  const first = process.env.SEED === undefined ? Date.now() % 1_000_000 : Number(process.env.SEED);
  for (let seed = first; seed < first + RACES; seed++) expect(await race(seed), `SEED=${seed}`).toEqual([]);
});
