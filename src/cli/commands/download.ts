/** `magnific download`: results of tasks, saved. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { candidatesOf, checkTemplate, extensionOf, outputOf, stemOf } from "../../batch/names.js";
import { FileError } from "../../errors/request-errors.js";
import { makeFolder } from "../../files/make-folder.js";
import { EXIT, UsageError } from "../exit.js";
import { jsonFlag, withWaitFlags } from "../options.js";
import { bytesText, plain } from "../terminal.js";
import { example, type Shell } from "./command.js";
import { forEach, type TaskFlags, waited } from "./tasks.js";

export function downloadCommand(shell: Shell): Command {
  const command = new Command("download")
    .summary("wait for tasks and save their results")
    .description("Waits until each task is completed and saves its results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .option("-o, --out <folder>", "folder for the results", ".")
    .option("-n, --name <template>", "names of the results; {name} is the task's id", "{name}.{ext}")
    .option("--overwrite", "replace files that already exist")
    .addOption(jsonFlag());
  withWaitFlags(command);
  example(command, "magnific download 046b6c7f-0b8a-43b9-b35d-6489e6daee91 --out big/");
  type DownloadFlags = TaskFlags & { out: string; name: string; overwrite?: boolean };
  return command.action(async (ids: string[], flags: DownloadFlags) => {
    checkTemplate(flags.name);
    await forEach(shell, ids, flags, async (client, id, signal) => {
      const stem = resolve(flags.out, stemOf(flags.name, id));
      const there = candidatesOf(stem).find((path) => existsSync(path));
      if (there !== undefined && flags.overwrite !== true)
        throw new UsageError(`${there} already exists. Allow replacing it with --overwrite.`);
      const task = await waited(shell, client, id, flags, signal);
      await folderOf(stem);
      for (const [index, image] of task.images.entries()) {
        const target = outputOf(stem, extensionOf(image.url), index);
        const { path, bytes } = await image.save(target, { overwrite: flags.overwrite ?? false, signal });
        if (flags.json === true) shell.terminal.json({ event: "saved", task: id, path, bytes });
        else shell.terminal.out(`${plain(path)}  ${bytesText(bytes)}`);
      }
      return EXIT.ok;
    });
  });
}

async function folderOf(stem: string): Promise<void> {
  const folder = resolve(stem, "..");
  try {
    await makeFolder(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "EEXIST" || code === "ENOTDIR" ? `there is a file in its place (${code})` : code;
    throw new FileError(`The folder ${folder} could not be created: ${reason}.`, { cause });
  }
}
