/**
 * What one call sends when its submit fails after the provider had all of it: every POST may be billed. Each client as it
 * comes, with its default options.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { noisePng } from "../lib/image.js";
import { PEERS, prepare } from "../lib/peers.js";
import { atMost, publish, type Table } from "../lib/report.js";

const CLIENTS = ["ours", ...PEERS];
/** What the server does once it has read a request. */
const FAULTS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "reset after the body": (response) => void response.socket?.resetAndDestroy(),
  "502 from a gateway": (response) => void response.writeHead(502, { "content-type": "text/html" }).end("<h1>502</h1>"),
};

interface Played {
  readonly name: string;
  readonly fault: string;
  readonly posts: number;
  /** Whether the error says if it may have been billed. */
  readonly says: boolean;
}

await prepare();
const image = await noisePng(10_000);
const played: Played[] = [];
for (const [fault, play] of Object.entries(FAULTS))
  played.push(...(await Promise.all(CLIENTS.map(playOne(fault, play)))));

const of = (name: string, fault: string): Played | undefined =>
  played.find((each) => each.name === name && each.fault === fault);
const table: Table = {
  title: "Faults: POSTs that one call sends",
  about:
    "The server reads a whole request and then fails. A second POST is a second bill. Last: whether every error says if the task may have been made.",
  columns: ["client", ...Object.keys(FAULTS), "says billed or not"],
  rows: CLIENTS.map((name) => [
    name,
    ...Object.keys(FAULTS).map((fault) => String(of(name, fault)?.posts)),
    Object.keys(FAULTS).every((fault) => of(name, fault)?.says) ? "yes" : "no",
  ]),
};
const limits = Object.keys(FAULTS).map((fault) =>
  atMost(1, `POSTs of ours, ${fault}`, of("ours", fault)?.posts ?? Number.NaN),
);
publish({ name: "faults", tables: [table], limits, data: played });

function playOne(fault: string, play: (response: ServerResponse) => void) {
  return async (name: string): Promise<Played> => {
    let posts = 0;
    const server = createServer((request, response) => {
      request.on("error", () => {}).resume();
      request.on("end", () => {
        posts++;
        play(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { client } = (await import(`../peers/${name}.mjs`)) as {
      client: (url: string) => (image: Buffer) => Promise<unknown>;
    };
    const call = client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const error: unknown = await call(image).catch((reason: unknown) => reason);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return { name, fault, posts, says: (error as { submission?: string } | undefined)?.submission !== undefined };
  };
}
