import { FAULT_KINDS, FAULT_TARGETS } from "../faults.js";
import { lifeCycles } from "../life-cycle.js";

const options = (names: readonly unknown[]) => names.map((name) => `<option>${name}</option>`).join("");
const TIMES = `× <input name="times" type="number" min="1" value="1" aria-label="Times">`;

export const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Magnific sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sandbox/page.css">
<script type="module" src="/sandbox/page.js"></script>
</head>
<body>
<header>
  <div>
    <h1>Magnific sandbox</h1>
    <p>A local stand-in for the provider: images are resampled here, not by Magnific's model, and nothing leaves this machine.</p>
  </div>
  <p id="counts" role="status"></p>
</header>
<main>
  <section id="none">
    <h2>No tasks yet</h2>
    <p>Point a client at this sandbox. Its key was printed where it was started.</p>
    <pre>export MAGNIFIC_BASE_URL=<code id="origin"></code>
export MAGNIFIC_API_KEY=…
magnific upscale photos/ --out big/</pre>
  </section>
  <nav aria-label="Tasks"><ul id="tasks"></ul></nav>
  <section id="detail" aria-label="Task" hidden>
    <div id="head">
      <h2 id="title"></h2>
      <p id="state" role="status"></p>
    </div>
    <div id="compare" hidden>
      <div id="pictures">
        <img id="after" alt="After: the result">
        <img id="before" alt="Before: the image that was sent, stretched">
        <b class="side">Before</b><b class="side">After</b>
        <i id="edge"></i>
        <input id="slider" type="range" min="0" max="100" value="50" aria-label="How much of the image before upscaling is shown">
      </div>
    </div>
    <img id="source" alt="The image that was sent" hidden>
    <p id="gone" hidden>The images were removed: their URLs have expired.</p>
    <dl id="facts"></dl>
  </section>
</main>
<footer>
  <details open>
    <summary>Controls and log · <kbd>↑</kbd> <kbd>↓</kbd> choose a task · <kbd>←</kbd> <kbd>→</kbd> or drag to compare before and after</summary>
    <div id="panel">
      <div>
        <form id="fault">
          <select name="kind" aria-label="Fault">${options(FAULT_KINDS)}</select>
          <select name="on" aria-label="Requests that it applies to">${options(FAULT_TARGETS)}</select>
          ${TIMES} <button>Play fault</button>
        </form>
        <form id="script">
          <select name="lifeCycle" aria-label="Life cycle">${options(Object.keys(lifeCycles))}</select>
          ${TIMES} <button>Set for next tasks</button>
        </form>
        <p id="said" role="status"></p>
      </div>
      <pre id="log" tabindex="0" aria-label="Requests and webhooks, the newest first"></pre>
    </div>
  </details>
</footer>
</body>
</html>
`;
