/** The status of a task: one line that changes on a terminal, a line for each change elsewhere. */
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

export function showProgress(out: { readonly isTTY?: boolean; write(text: string): unknown }) {
  const start = performance.now();
  const seen: string[] = [];
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  if (out.isTTY !== true)
    return { show: (status: string) => void out.write(`  ${status} (${seconds()})\n`), end: () => {} };

  let frame = 0;
  const draw = (mark: string): unknown => out.write(`\r\x1b[K  ${mark} ${seen.join(" → ")}  ${seconds()}`);
  const turn = (): unknown => draw(FRAMES[frame++ % FRAMES.length] ?? "");
  const timer = setInterval(turn, 100);
  return {
    show: (status: string) => {
      seen.push(status);
      turn();
    },
    end: () => {
      clearInterval(timer);
      draw(seen.at(-1) === "COMPLETED" ? "✓" : "✗");
      out.write("\n");
    },
  };
}
