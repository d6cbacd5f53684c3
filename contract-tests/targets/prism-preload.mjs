// Loaded into Prism's process before Prism. Three things its command does not offer: it ends when the process that started it
// ends, however that ends; it says which port it got; and it keeps the connections of a suite that judges for some seconds.
import { rmSync } from "node:fs";
import { Server } from "node:net";
import "./one-locale.mjs";

const folder = process.env.CONTRACT_MOCK_FOLDER;
process.on("disconnect", () => process.exit());
process.on("exit", () => folder && rmSync(folder, { recursive: true, force: true }));

const listen = Server.prototype.listen;
Server.prototype.listen = function announced(...options) {
  this.keepAliveTimeout = 0;
  this.once("listening", () => process.send?.({ port: this.address().port }));
  return listen.apply(this, options);
};
