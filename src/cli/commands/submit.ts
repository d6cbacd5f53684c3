/** `magnific submit`: one image, sent once. */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { imageFields } from "../../contract/contract.js";
import { imageFile } from "../../files/image-file.js";
import { fileTaskStore } from "../../store/file-task-store.js";
import { UsageError } from "../exit.js";
import { fieldsIn, withFields } from "../fields.js";
import { findInputs } from "../inputs.js";
import { onInterrupts } from "../interrupt.js";
import { stateFolder } from "../key.js";
import { type ClientFlags, defined, openClient, withClientFlags, withSendFlags } from "../options.js";
import { type Shell, subcommand, tell } from "./command.js";

export function submitCommand(shell: Shell): Command {
  const { contract } = shell.operation;
  const { webhook } = contract;
  const [image] = imageFields(contract);
  const command = subcommand(
    "submit",
    "send one image and print its task's id",
    "Sends an image, which is one paid call, and prints the id of its task. It remembers what it sent: the same image " +
      "with the same sliders gives the same task again, unless --again is used.",
    'id=$(magnific submit portrait.jpg --sharpen 60) && magnific download "$id" --out big/',
  )
    .option("--again", "send it although it was sent before; it is paid for again")
    .option("--store <folder>", "where sent images are remembered (default: $XDG_STATE_HOME/magnific/tasks)");
  if (image !== undefined) command.argument("<image>", "a file, or - for stdin");
  if (webhook !== undefined)
    command.option("--webhook-url <url>", "where the provider reports the changes of the task");
  type SubmitFlags = ClientFlags & { webhookUrl?: string; again?: boolean; store?: string };
  return withFields(withClientFlags(withSendFlags(command, "the folder of --store")), shell.operation).action(
    async () => {
      const flags = command.opts<SubmitFlags>();
      const [path] = command.args;
      await using inputs = await findInputs(command.args, "");
      const [input, more] = inputs.files;
      if (more !== undefined) throw new UsageError("submit takes one image; for more use upscale.");
      const store = fileTaskStore(resolve(flags.store ?? join(stateFolder(process.env), "tasks")));
      const client = await openClient(shell, flags, false, store);
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
      const { parameters } = await fieldsIn(flags, shell.operation);
      const fields = {
        ...(image && input && { [image]: await imageFile(input.path) }),
        ...(webhook && defined({ [webhook]: flags.webhookUrl })),
      };
      const task = await client.submit(
        { ...parameters, ...fields },
        { store: flags.again === true ? false : store, signal: hard.signal, stop: stop.signal, beforeSend },
      );
      if (!sent)
        shell.terminal.say(
          `This ${image === undefined ? "request" : "image"} was sent before: this is its task, and nothing was paid. --again submits it again.`,
        );
      tell(shell, { event: "task", path, task: task.id, status: task.status, paid: sent }, task.id);
    },
  );
}
