/** The facts without which a figure says nothing. */
import os from "node:os";

export function machine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 1024 ** 3);
  const load = os.loadavg()[0] ?? 0;
  return `${cpus[0]?.model.trim() ?? "unknown CPU"}, ${cpus.length} cores, ${memory} GB, ${os.type()} ${os.release()}, Node ${process.versions.node}; load of the last minute ${load.toFixed(1)}.`;
}
