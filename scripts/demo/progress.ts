/** How a task is doing: one line that changes on a terminal, a line for each change elsewhere. */

export interface Progress {
  status(name: string): void;
  /** Ends the line; nothing is drawn after it. */
  end(): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function showProgress(
  out: { readonly isTTY?: boolean; write(text: string): unknown },
  now: () => number = Date.now,
): Progress {
  const start = now();
  const seen: string[] = [];
  const seconds = (): string => `${((now() - start) / 1000).toFixed(1)} s`;
  if (out.isTTY !== true) {
    return {
      status: (name) => void out.write(`  ${name} (${seconds()})\n`),
      end: () => {},
    };
  }
  let frame = 0;
  const draw = (mark: string): void => void out.write(`\r\x1b[K  ${mark} ${seen.join(" → ")}  ${seconds()}`);
  const timer = setInterval(() => draw(FRAMES[frame++ % FRAMES.length] ?? ""), 100);
  return {
    status: (name) => {
      seen.push(name);
      draw(FRAMES[frame % FRAMES.length] ?? "");
    },
    end: () => {
      clearInterval(timer);
      draw(seen.at(-1) === "COMPLETED" ? "✓" : "✗");
      out.write("\n");
    },
  };
}
