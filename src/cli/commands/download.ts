/** `magnific download`: results of tasks, saved. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { candidatesOf, checkTemplate, extensionOf, outputOf, stemOf } from "../../batch/names.js";
import { FileError } from "../../errors/request-errors.js";
import { makeFolder } from "../../files/make-folder.js";
import { EXIT, UsageError } from "../exit.js";
import { withWaitFlags } from "../options.js";
import { bytesText, plain } from "../terminal.js";
import { type Shell, subcommand, tell } from "./command.js";
import { forEach, type TaskFlags, waited } from "./tasks.js";

export function downloadCommand(shell: Shell): Command {
  const command = subcommand(
    "download",
    "wait for tasks and save their results",
    "Waits until each task is completed and saves its results. Costs nothing.",
    "magnific download 046b6c7f-0b8a-43b9-b35d-6489e6daee91 --out big/",
  )
    .argument("<tasks...>", "ids of tasks")
    .option("-o, --out <folder>", "folder for the results", ".")
    .option("-n, --name <template>", "names of the results; {name} is the task's id", "{name}.{ext}")
    .option("--overwrite", "replace files that already exist", false);
  type DownloadFlags = TaskFlags & { out: string; name: string; overwrite: boolean };
  return withWaitFlags(command).action(async (ids: string[], flags: DownloadFlags) => {
    const { out, name, overwrite } = flags;
    checkTemplate(name);
    await forEach(shell, ids, flags, async (client, id, signal) => {
      const stem = resolve(out, stemOf(name, id));
      const there = candidatesOf(stem).find((path) => existsSync(path));
      if (there !== undefined && !overwrite)
        throw new UsageError(`${there} already exists. Allow replacing it with --overwrite.`);
      const task = await waited(shell, client, id, flags, signal);
      await makeFolderFor(stem);
      for (const [index, image] of task.images.entries()) {
        const target = outputOf(stem, extensionOf(image.url), index);
        const { path, bytes } = await image.save(target, { overwrite, signal });
        tell(shell, { event: "saved", task: id, path, bytes }, `${plain(path)}  ${bytesText(bytes)}`);
      }
      return EXIT.ok;
    });
  });
}

async function makeFolderFor(path: string): Promise<void> {
  await makeFolder(dirname(path)).catch((cause: NodeJS.ErrnoException) => {
    const { code } = cause;
    const reason = code === "EEXIST" || code === "ENOTDIR" ? `there is a file in its place (${code})` : code;
    throw new FileError(`The folder ${dirname(path)} could not be created: ${reason}.`, { cause });
  });
}
