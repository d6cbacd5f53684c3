/** `magnific submit`: one image, sent once. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { imageFile } from "../../files/image-file.js";
import { fileTaskStore } from "../../store/file-task-store.js";
import { UsageError } from "../exit.js";
import { parametersOf, WEBHOOK, withFields } from "../fields.js";
import { findInputs } from "../inputs.js";
import { onInterrupts } from "../interrupt.js";
import {
  allowTruncatedFlag,
  type ClientFlags,
  defined,
  maxPaidFlag,
  openClient,
  stateFolder,
  withClientFlags,
} from "../options.js";
import { type Shell, subcommand, tell } from "./command.js";

export function submitCommand(shell: Shell): Command {
  const command = subcommand(
    "submit",
    "send one image and print its task's id",
    "Sends an image, which is one paid call, and prints the id of its task. It remembers what it sent: the same image " +
      "with the same sliders gives the same task again, unless --again is used.",
    'id=$(magnific submit portrait.jpg --sharpen 60) && magnific download "$id" --out big/',
  )
    .argument("<image>", "a file, or - for stdin")
    .option("--again", "send it although it was sent before; it is paid for again")
    .option("--store <folder>", "where sent images are remembered (default: $XDG_STATE_HOME/magnific/tasks)")
    .addOption(maxPaidFlag("the folder of --store"))
    .addOption(allowTruncatedFlag());
  if (WEBHOOK !== undefined)
    command.option("--webhook-url <url>", "where the provider reports the changes of the task");
  type SubmitFlags = ClientFlags & { webhookUrl?: string; again?: boolean; store?: string };
  return withFields(withClientFlags(command)).action(async (path: string, flags: SubmitFlags) => {
    await using inputs = await findInputs([path], "");
    const [input, more] = inputs.files;
    if (input === undefined || more !== undefined)
      throw new UsageError("submit takes one image; for more use upscale.");
    const store = fileTaskStore(resolve(flags.store ?? join(stateFolder(process.env), "tasks")));
    const client = await openClient(flags, false, store);
    let sent = false;
    const [stop, hard] = [new AbortController(), new AbortController()];
    const last = "If a request is in flight, it finishes first. Press Ctrl-C again to leave its outcome unknown.";
    onInterrupts(
      () => {
        if (sent) shell.terminal.say(last);
        stop.abort();
      },
      () => hard.abort(),
    );
    const beforeSend = (): void => {
      sent = true;
    };
    const webhook = WEBHOOK === undefined ? {} : defined({ [WEBHOOK]: flags.webhookUrl });
    const task = await client.submit(
      { image: await imageFile(input.path), ...parametersOf(flags), ...webhook },
      { store: flags.again === true ? false : store, signal: hard.signal, stop: stop.signal, beforeSend },
    );
    if (!sent)
      shell.terminal.say("This image was sent before: this is its task, and nothing was paid. --again sends it again.");
    tell(shell, { event: "task", path, task: task.id, status: task.status, paid: sent }, task.id);
  });
}
