/**
 * A server that does as little as one can: it counts a request's bytes and answers a created task. It speaks just enough
 * HTTP for that, so that the client, not the server, is what is measured. Prints its port.
 */
import net from "node:net";

const BODY = JSON.stringify({
  data: { task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED", generated: [] },
});
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: ak-0123456789abcdef0123456789abcdef\r\n` +
    `date: Thu, 01 Jan 2026 00:00:00 GMT\r\nkeep-alive: timeout=60\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
);
const END_OF_CHUNKS = "0\r\n\r\n";

const server = net.createServer((socket) => {
  let head = "";
  /** Bytes of the body still to come; -1 while it is chunked; `undefined` between requests. */
  let left: number | undefined;
  let tail = "";
  socket.setNoDelay(true);
  socket.on("error", () => {});
  const take = (data: Buffer): void => {
    let rest = data;
    if (left === undefined) {
      head += rest.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const fields = head.slice(0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(fields)?.[1];
      const chunked = length === undefined && /\r\ntransfer-encoding: *chunked/i.test(fields);
      rest = Buffer.from(head.slice(end + 4), "latin1");
      head = "";
      left = chunked ? -1 : Number(length ?? 0);
      tail = "";
    }
    if (left === -1) {
      tail = (tail + rest.subarray(-END_OF_CHUNKS.length).toString("latin1")).slice(-END_OF_CHUNKS.length);
      if (tail !== END_OF_CHUNKS) return;
    } else {
      left -= rest.length;
      if (left > 0) return;
    }
    left = undefined;
    socket.write(ANSWER);
  };
  socket.on("data", take);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as net.AddressInfo).port));
process.on("disconnect", () => process.exit(0));
