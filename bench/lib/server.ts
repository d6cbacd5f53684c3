/**
 * Reads each request to its end and responds with a created task. It speaks just enough HTTP for that, so that the client is
 * measured and not the server. Runs in its own process and sends its port to its parent.
 */
import net from "node:net";

const BODY = JSON.stringify({
  data: { task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED", generated: [] },
});
const RESPONSE = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\nx-request-id: ak-0123456789abcdef0123456789abcdef\r\n` +
    `date: Thu, 01 Jan 2026 00:00:00 GMT\r\nkeep-alive: timeout=60\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
);

const server = net.createServer((socket) => {
  let head = "";
  /** Bytes of the body that are still to come; 0 between requests. */
  let left = 0;
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (data) => {
    if (left > 0) left -= data.length;
    else {
      head += data.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end))?.[1];
      // A client that sends no length would be measured without its body.
      if (length === undefined) return void socket.destroy();
      left = Number(length) - (head.length - end - 4);
      head = "";
    }
    if (left === 0) socket.write(RESPONSE);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as net.AddressInfo).port));
process.on("disconnect", () => process.exit(0));
