/** Takes a body in, throws it away, and says how long it was. In a process of its own; prints its port. */
import http from "node:http";
import type { AddressInfo } from "node:net";

const server = http.createServer({ requestTimeout: 0 }, (request, response) => {
  let length = 0;
  request.on("data", (chunk: Buffer) => {
    length += chunk.length;
  });
  request.on("end", () => {
    const data = { task_id: "046b6c7f-0b8a-43b9-b35d-6489e6daee91", status: "CREATED", generated: [] };
    const body = JSON.stringify({ data });
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": body.length,
      "x-received": length,
    });
    response.end(body);
  });
  request.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
