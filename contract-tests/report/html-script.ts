/** The page's script: filter, find, move by keyboard, open details. Plain and small; without it the table is whole. */
export const PAGE_SCRIPT = `
(() => {
  const rows = [...document.querySelectorAll("tbody tr")];
  const find = document.getElementById("find");
  const vendored = document.getElementById("vendored");
  const states = [...document.querySelectorAll("input[name=state]")];
  const count = document.getElementById("count");
  const visible = () => rows.filter((row) => !row.hidden);
  const close = () => document.querySelector("tr.details")?.remove();
  function show() {
    close();
    const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const wanted = new Set(states.filter((box) => box.checked).map((box) => box.value));
    for (const row of rows) {
      const text = (row.textContent + " " + row.dataset.pointer + " " + row.dataset.find).toLowerCase();
      row.hidden = !(row.dataset.states.split(" ").some((state) => wanted.has(state)) && words.every((word) => text.includes(word)) && (!vendored.checked || row.dataset.vendored === "true"));
      row.tabIndex = -1;
    }
    const left = visible();
    if (left[0]) left[0].tabIndex = 0;
    count.textContent = left.length + " of " + rows.length + " rows";
  }
  function open(row) {
    const known = row.nextElementSibling?.classList.contains("details");
    close();
    if (known) return;
    const details = document.createElement("tr");
    details.className = "details";
    const cell = document.createElement("td");
    cell.colSpan = row.cells.length;
    cell.textContent = "#" + row.dataset.pointer + (row.dataset.details ? "\\n" + row.dataset.details : "");
    details.append(cell);
    row.after(details);
  }
  function move(by) {
    const left = visible();
    const at = left.indexOf(document.activeElement);
    const next = left[Math.max(0, Math.min(left.length - 1, at < 0 ? 0 : at + by))];
    if (!next) return;
    for (const row of left) row.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === find;
    if (event.key === "Escape") { find.value = ""; show(); find.blur(); }
    else if (event.key === "/" && !typing) { event.preventDefault(); find.focus(); }
    else if (event.key === "ArrowDown" || (event.key === "j" && !typing)) { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp" || (event.key === "k" && !typing)) { event.preventDefault(); move(-1); }
    else if (event.key === "Enter" && event.target.matches?.("tbody tr")) open(event.target);
  });
  document.querySelector("tbody").addEventListener("click", (event) => { const row = event.target.closest("tr:not(.details)"); if (row) open(row); });
  for (const input of [find, vendored, ...states]) input.addEventListener("input", show);
  show();
})();
`;
