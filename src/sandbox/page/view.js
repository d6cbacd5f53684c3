/** The page's own script. Everything it shows is set as text, never as HTML. */
const at = (id) => document.getElementById(id);
let tasks = [];
let chosen;

const word = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
const kB = (bytes) => `${Math.max(1, Math.round(bytes / 1000)).toLocaleString("en")} kB`;
// Larger ones take longer to draw small than anyone looks at them.
const THUMB = 4_000_000;

function choose(id) {
  chosen = id;
  draw();
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function row(task) {
  const thumb = element("i", { className: "thumb" });
  if (task.source && task.image.bytes <= THUMB)
    thumb.append(
      element("img", { alt: "", loading: "lazy", onerror: () => thumb.replaceChildren(), src: task.source }),
    );
  const id = element("code", { textContent: task.id.slice(0, 8) });
  const button = element("button", { type: "button", onclick: () => choose(task.id) }, element("span"), id, thumb);
  button.dataset.id = task.id;
  return element("li", {}, button);
}

function draw() {
  at("none").hidden = tasks.length > 0;
  const rows = new Map([...at("tasks").children].map((item) => [item.firstChild.dataset.id, item]));
  // Rows are not moved, which would take the focus from them: new tasks come first, and old ones are dropped.
  for (const task of [...tasks].reverse()) {
    const item = rows.get(task.id) ?? row(task);
    if (!rows.delete(task.id)) at("tasks").prepend(item);
    const [status] = item.firstChild.children;
    status.textContent = status.dataset.status = task.status;
    item.firstChild.setAttribute("aria-current", String(task.id === chosen));
  }
  for (const item of rows.values()) item.remove();
  const task = tasks.find(({ id }) => id === chosen);
  at("detail").hidden = task === undefined;
  if (task !== undefined) drawDetail(task);
}

/** Only what changes: an image would load again, and a screen reader would speak again. */
function setImage(id, url) {
  if (at(id).getAttribute("src") !== url) at(id).src = url;
}
function setText(id, text) {
  if (at(id).textContent !== text) at(id).textContent = text;
}

const broken = new Set();
for (const id of ["before", "after", "source"]) {
  at(id).addEventListener("load", draw);
  at(id).addEventListener("error", () => {
    broken.add(at(id).getAttribute("src"));
    draw();
  });
}

/** Width and height of a picture that is there. */
function pixels(id, url) {
  const image = at(id);
  const isShown = image.getAttribute("src") === url && image.naturalWidth > 0;
  return isShown ? `${image.naturalWidth} × ${image.naturalHeight}, ` : "";
}

function drawDetail(task) {
  setText("title", task.id);
  setText("state", task.failure === undefined ? task.status : `${task.status}: ${task.failure}`);
  at("state").dataset.status = task.status;
  const result = task.generated[0];
  const compared = task.source && result !== undefined;
  const gone = broken.has(task.source) || broken.has(result);
  at("compare").hidden = !compared || gone;
  at("source").hidden = !task.source || compared || gone;
  at("gone").hidden = !gone;
  if (compared) {
    setImage("before", task.source);
    setImage("after", result);
    const { naturalWidth, naturalHeight } = at("after");
    at("pictures").style.setProperty("--ratio", naturalWidth / naturalHeight || 1);
  } else if (task.source) setImage("source", task.source);
  const facts = {
    Sent:
      pixels(compared ? "before" : "source", task.source) +
      kB(task.image.bytes) +
      (task.image.type ? `, ${task.image.type}` : ""),
    Result:
      result !== undefined && task.result
        ? `${pixels("after", result) + kB(task.result.bytes)}, ${task.result.type}`
        : task.status === "COMPLETED" || task.status === "FAILED"
          ? "none"
          : "none yet",
    ...task.fields,
    Created: new Date(task.createdAt).toLocaleTimeString(),
  };
  at("facts").replaceChildren(
    ...Object.entries(facts).map(([name, value]) =>
      element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value })),
    ),
  );
}

const slide = () => at("pictures").style.setProperty("--cut", `${at("slider").value}%`);
at("slider").addEventListener("input", slide);

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.form || event.target === at("log")) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step !== undefined && tasks.length > 0) {
    event.preventDefault();
    const index = tasks.findIndex(({ id }) => id === chosen);
    choose((tasks[index + step] ?? tasks[index]).id);
    document.querySelector('[aria-current="true"]').focus();
  }
  const shift = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
  if (shift !== undefined && event.target !== at("slider")) {
    at("slider").value = Number(at("slider").value) + shift;
    slide();
  }
});

for (const form of document.forms)
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(form));
    body.times = Number(body.times);
    if (body.kind === "delay") body.ms = 2000;
    const response = await fetch(`/sandbox/${form.id}`, { method: "POST", body: JSON.stringify(body) });
    const { message } = await response.json();
    setText("said", message ?? `Next: ${body.times} × ${body.lifeCycle ?? `${body.kind} on ${body.on}`}`);
  });

const line = (entry) =>
  [
    new Date(entry.at).toLocaleTimeString(),
    entry.event === "request" ? `${entry.method} ${entry.path}` : `${entry.event} ${entry.taskId.slice(0, 8)}`,
    entry.target,
    entry.outcome,
    entry.status,
    entry.fault && `fault: ${entry.fault}`,
    entry.reason,
  ]
    .filter((part) => part !== undefined)
    .join("  ");

async function refresh() {
  try {
    const state = await (await fetch("/sandbox/state")).json();
    tasks = state.tasks;
    if (!tasks.some(({ id }) => id === chosen)) chosen = tasks[0]?.id;
    setText(
      "counts",
      word(state.counts.paid, "paid submit") +
        ", " +
        word(state.counts.requests, "request") +
        ", " +
        word(state.counts.faults, "fault"),
    );
    setText("log", state.log.map(line).join("\n"));
    draw();
  } catch {
    setText("counts", "The sandbox has stopped.");
  }
  setTimeout(refresh, document.hidden ? 3000 : 400);
}
setText("origin", location.origin);
refresh();
