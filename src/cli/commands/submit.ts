/** `magnific submit`: one image, sent once. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { imageFile } from "../../files/image-file.js";
import { fileTaskStore } from "../../store/file-task-store.js";
import { UsageError } from "../exit.js";
import { findInputs } from "../inputs.js";
import { untilInterrupted } from "../interrupt.js";
import {
  type ClientFlags,
  jsonFlag,
  openClient,
  type SliderFlags,
  slidersOf,
  withClientFlags,
  withSliders,
} from "../options.js";
import { example, type Shell } from "./command.js";

export function submitCommand(shell: Shell): Command {
  const command = new Command("submit")
    .summary("send one image and print its task's id")
    .description(
      "Sends an image, which is one paid call, and prints the id of its task. It remembers what it sent: the same image " +
        "with the same sliders gives the same task again, unless --again is used.",
    )
    .argument("<image>", "a file, or - for stdin")
    .option("--webhook-url <url>", "where the provider reports the changes of the task")
    .option("--again", "send it although it was sent before; it is paid for again")
    .option("--store <folder>", "where sent images are remembered (default: $XDG_STATE_HOME/magnific/tasks)")
    .addOption(jsonFlag());
  withSliders(command);
  withClientFlags(command);
  example(command, 'id=$(magnific submit portrait.jpg --sharpen 60) && magnific download "$id" --out big/');
  type SubmitFlags = ClientFlags &
    SliderFlags & { json?: boolean; webhookUrl?: string; again?: boolean; store?: string };
  return command.action(async (path: string, flags: SubmitFlags) => {
    await using inputs = await findInputs([path], "");
    const [input, more] = inputs.files;
    if (input === undefined || more !== undefined)
      throw new UsageError("submit takes one image; for more use upscale.");
    await using open = await openClient(flags);
    const state = process.env.XDG_STATE_HOME || join(process.env.HOME || homedir(), ".local", "state");
    const store =
      flags.again === true ? false : fileTaskStore(resolve(flags.store ?? join(state, "magnific", "tasks")));
    let sent = false;
    const stop = new AbortController();
    const signal = untilInterrupted(() => {
      if (sent)
        shell.terminal.say(
          "If a request is in flight, it finishes first. Press Ctrl-C again to leave its outcome unknown.",
        );
      stop.abort();
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
        stop: stop.signal,
        beforeSend: () => {
          sent = true;
        },
      },
    );
    if (!sent)
      shell.terminal.say("This image was sent before: this is its task, and nothing was paid. --again sends it again.");
    if (flags.json === true)
      shell.terminal.json({ event: "task", path, task: task.id, status: task.status, paid: sent });
    else shell.terminal.out(task.id);
  });
}
