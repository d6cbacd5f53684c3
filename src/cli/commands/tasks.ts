/** `submit`, `status`, `wait`, `list` and `download`: single tasks. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { candidatesOf, checkTemplate, extensionOf, outputOf } from "../../batch/names.js";
import type { Magnific } from "../../client.js";
import { imageFile } from "../../image-file.js";
import { fileTaskStore } from "../../store/file-task-store.js";
import type { CompletedTask, Task } from "../../task/task.js";
import { Command } from "../commander.js";
import { EXIT, UsageError } from "../exit.js";
import { inputsOf } from "../inputs.js";
import {
  type ClientFlags,
  jsonFlag,
  openClient,
  type SliderFlags,
  slidersOf,
  withClientFlags,
  withSliders,
  withWaitFlags,
} from "../options.js";
import { bytesText, plain } from "../terminal.js";
import { example, type Shell, tellError, untilInterrupted, worst } from "./command.js";

interface Flags extends ClientFlags {
  readonly json?: boolean;
  readonly waitTimeout?: number;
}

export function submitCommand(shell: Shell): Command {
  const command = new Command("submit")
    .summary("send one image and print its task's id")
    .description(
      "Sends an image, which is one paid call, and prints the id of its task. What was sent is remembered: the same image " +
        "with the same sliders gives the same task again, unless --again.",
    )
    .argument("<image>", "a file, or - for stdin")
    .option("--webhook-url <url>", "where the provider reports the task's changes")
    .option("--again", "send it although it was sent before; it is paid again")
    .option("--store <folder>", "where sent images are remembered (default: $XDG_STATE_HOME/magnific/tasks)")
    .addOption(jsonFlag());
  withSliders(command);
  withClientFlags(command);
  example(command, 'id=$(magnific submit portrait.jpg --sharpen 60) && magnific download "$id" --out big/');
  type SubmitFlags = Flags & SliderFlags & { webhookUrl?: string; again?: boolean; store?: string };
  return command.action(async (path: string, flags: SubmitFlags) => {
    await using inputs = await inputsOf([path], "");
    const [input, more] = inputs.files;
    if (input === undefined || more !== undefined)
      throw new UsageError("submit takes one image; for more use upscale.");
    using open = await openClient(flags);
    const state = process.env.XDG_STATE_HOME || join(process.env.HOME || homedir(), ".local", "state");
    const store =
      flags.again === true ? false : fileTaskStore(resolve(flags.store ?? join(state, "magnific", "tasks")));
    let sent = false;
    const signal = untilInterrupted(() => {
      if (sent)
        shell.terminal.say(
          "The image is on its way: the answer is waited for. Ctrl-C again leaves its outcome unknown.",
        );
      return sent;
    });
    const task = await open.client.submit(
      {
        image: await imageFile(input.path),
        ...slidersOf(flags),
        ...(flags.webhookUrl === undefined ? {} : { webhook_url: flags.webhookUrl }),
      },
      {
        store,
        signal,
        beforeSend: () => {
          sent = true;
        },
      },
    );
    if (!sent)
      shell.terminal.say(
        "This image was sent before: it is the same task, and nothing is paid. --again sends it anew.",
      );
    if (flags.json === true)
      shell.terminal.json({ event: "task", path, task: task.id, status: task.status, paid: sent });
    else shell.terminal.out(task.id);
  });
}

export function statusCommand(shell: Shell): Command {
  const command = new Command("status")
    .summary("show tasks as they are now")
    .description("Shows the status of tasks, and the URLs of their results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .addOption(jsonFlag());
  withClientFlags(command);
  example(command, "magnific status 046b6c7f-0b8a-43b9-b35d-6489e6daee91");
  return command.action((ids: string[], flags: Flags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      const task = await client.task(id).get({ signal });
      tellTask(shell, task, flags);
      return task.status === "FAILED" ? EXIT.failed : EXIT.ok;
    }),
  );
}

export function waitCommand(shell: Shell): Command {
  const command = new Command("wait")
    .summary("wait until tasks are completed")
    .description("Waits until each task is completed, and prints the URLs of its results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .addOption(jsonFlag());
  withWaitFlags(command);
  example(command, "magnific wait 046b6c7f-0b8a-43b9-b35d-6489e6daee91 --wait-timeout 600");
  return command.action((ids: string[], flags: Flags) =>
    forEach(shell, ids, flags, async (client, id, signal) => {
      tellTask(shell, await waited(shell, client, id, flags, signal), flags);
      return EXIT.ok;
    }),
  );
}

export function listCommand(shell: Shell): Command {
  const command = new Command("list")
    .summary("list all tasks of the key")
    .description("Lists the tasks of the key with their statuses, as the provider gives them. Costs nothing.")
    .option("--status <status>", "only tasks with this status, e.g. COMPLETED")
    .addOption(jsonFlag());
  withClientFlags(command);
  example(command, "magnific list", "magnific list --status COMPLETED --json | head");
  return command.action(async (flags: Flags & { status?: string }) => {
    using open = await openClient(flags);
    const wanted = flags.status?.toUpperCase();
    for (const { id, status } of await open.client.tasks({ signal: untilInterrupted() })) {
      if (wanted !== undefined && status.toUpperCase() !== wanted) continue;
      if (flags.json === true) shell.terminal.json({ task: id, status });
      else shell.terminal.out(`${plain(id)}  ${plain(status)}`);
    }
  });
}

export function downloadCommand(shell: Shell): Command {
  const command = new Command("download")
    .summary("wait for tasks and save their results")
    .description("Waits until each task is completed and saves its results. Costs nothing.")
    .argument("<tasks...>", "ids of tasks")
    .option("-o, --out <folder>", "folder for the results", ".")
    .option("-n, --name <template>", "names of the results; {name} is the task's id", "{name}.{ext}")
    .option("--overwrite", "replace files that are there already")
    .addOption(jsonFlag());
  withWaitFlags(command);
  example(command, "magnific download 046b6c7f-0b8a-43b9-b35d-6489e6daee91 --out big/");
  type DownloadFlags = Flags & { out: string; name: string; overwrite?: boolean };
  return command.action(async (ids: string[], flags: DownloadFlags) => {
    checkTemplate(flags.name);
    const { mkdir } = await import("node:fs/promises");
    const { existsSync } = await import("node:fs");
    await forEach(shell, ids, flags, async (client, id, signal) => {
      const stem = resolve(
        flags.out,
        flags.name.replaceAll("{dir}", "").replaceAll("{source_ext}", "").replaceAll("{name}", id),
      );
      const there = candidatesOf(stem).find((path) => existsSync(path));
      if (there !== undefined && flags.overwrite !== true)
        throw new UsageError(`${there} is there already. Allow replacing it with --overwrite.`);
      const task = await waited(shell, client, id, flags, signal);
      await mkdir(resolve(stem, ".."), { recursive: true });
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

async function waited(
  shell: Shell,
  client: Magnific,
  id: string,
  flags: Flags,
  signal: AbortSignal,
): Promise<CompletedTask> {
  return await client.task(id).wait({
    signal,
    timeout: flags.waitTimeout === undefined ? undefined : flags.waitTimeout * 1000,
    onStatus: (task) => {
      if (shell.terminal.live && flags.json !== true) shell.terminal.say(`${id}  ${plain(statusOf(task))}`);
    },
  });
}

/** One after the other; one that fails does not keep the others from their turn. */
async function forEach(
  shell: Shell,
  ids: readonly string[],
  flags: Flags,
  work: (client: Magnific, id: string, signal: AbortSignal) => Promise<number>,
): Promise<void> {
  using open = await openClient(flags);
  const signal = untilInterrupted();
  const codes: number[] = [];
  for (const id of ids) {
    try {
      codes.push(await work(open.client, id, signal));
    } catch (error) {
      if (signal.aborted) {
        shell.terminal.say("Interrupted. The tasks go on; the same command takes them up again.");
        codes.push(EXIT.interrupted);
        break;
      }
      codes.push(tellError(shell, id, error, flags.json));
    }
  }
  shell.exit(worst(codes));
}

function statusOf(task: Task): string {
  return task.status === "UNKNOWN" ? task.wireStatus : task.status;
}

function tellTask({ terminal }: Shell, task: Task, { json }: Flags): void {
  const images = task.status === "COMPLETED" ? task.images.map(({ url }) => url) : [];
  if (json === true) terminal.json({ task: task.id, status: statusOf(task), images });
  else {
    terminal.out(`${task.id}  ${plain(statusOf(task))}`);
    for (const url of images) terminal.out(`  ${plain(url)}`);
  }
}
