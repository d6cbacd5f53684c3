export const CSS = `:root {
  color-scheme: light dark;
  --ground: #f6f6f4; --card: #fff; --text: #1d1d1b; --soft: #5c5c58; --line: #d9d9d4; --accent: #2f5fd0;
  --good: #18794e; --bad: #b42318; --busy: #93650a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161617; --card: #202022; --text: #ececea; --soft: #a5a5a0; --line: #38383b; --accent: #8ab0ff;
    --good: #5fd39a; --bad: #ff8f85; --busy: #f0c060;
  }
}
* { box-sizing: border-box; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
[hidden] { display: none !important; }
body {
  margin: 0; height: 100vh; display: grid; grid-template-rows: auto minmax(0, 1fr) auto;
  background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
header, footer { padding: 12px 24px; color: var(--soft); }
header { border-bottom: 1px solid var(--line); display: flex; gap: 8px 32px; align-items: baseline; justify-content: space-between; }
footer { border-top: 1px solid var(--line); }
h1, h2, p { margin: 0; }
h1 { color: var(--text); font-size: 19px; }
h2 { font-size: 15px; }
#counts { white-space: nowrap; font-variant-numeric: tabular-nums; }
main { display: grid; grid-template-columns: 280px minmax(0, 1fr); min-height: 0; }
nav { overflow-y: auto; padding: 20px 12px 20px 24px; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
li button {
  width: 100%; padding: 8px; display: grid; grid-template: "thumb status" auto "thumb id" auto / 44px 1fr; gap: 0 12px;
  text-align: left; cursor: pointer; background: var(--card); color: inherit; border: 1px solid var(--line);
  border-radius: 10px; font: inherit; line-height: 1.45;
}
li button:hover { border-color: var(--soft); }
li button[aria-current="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
li code { grid-area: id; color: var(--soft); font-size: 13px; }
.thumb { grid-area: thumb; width: 44px; height: 44px; border-radius: 6px; overflow: hidden; background: var(--line); }
.thumb img { width: 100%; height: 100%; object-fit: cover; display: block; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[data-status] { color: var(--busy); }
[data-status="COMPLETED"] { color: var(--good); }
[data-status="FAILED"] { color: var(--bad); }
[data-status]::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 50%; background: currentColor;
}
[data-status="IN_PROGRESS"]::before { animation: pulse 1.2s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: 0.25; } }
@media (prefers-reduced-motion: reduce) { [data-status]::before { animation: none !important; } }
#detail, #none { overflow-y: auto; margin: 20px 24px 20px 12px; padding: 20px 24px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
#none { grid-column: 1 / -1; place-self: center; margin: 24px; max-width: 640px; }
#none pre { margin: 12px 0 0; padding: 12px 16px; overflow-x: auto; background: var(--ground); border-radius: 8px; }
pre, code, #title { font-family: ui-monospace, monospace; }
#detail { display: flex; flex-direction: column; gap: 16px; }
#head { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; }
#title { font-weight: 600; overflow-wrap: anywhere; }
#compare { display: grid; place-items: center; }
#pictures { position: relative; width: fit-content; line-height: 0; overflow: hidden; border-radius: 8px; }
#pictures:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
#after { display: block; min-width: 240px; max-width: 100%; max-height: calc(100vh - 360px); }
#before { position: absolute; inset: 0; width: 100%; height: 100%; clip-path: inset(0 calc(100% - var(--cut, 50%)) 0 0); }
#edge { position: absolute; top: 0; bottom: 0; left: var(--cut, 50%); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 4px #000; }
#edge::after {
  content: "‹ ›"; position: absolute; top: 50%; left: 50%; translate: -50% -50%; width: 34px; height: 34px;
  display: grid; place-items: center; border-radius: 50%; background: #fff; color: #1d1d1b; box-shadow: 0 0 5px #0009;
  font: 600 16px/1 system-ui, sans-serif; font-style: normal;
}
.side {
  position: absolute; top: 10px; left: 10px; padding: 3px 9px; border-radius: 99px; background: #000a; color: #fff;
  font: 600 12px/1.4 system-ui, sans-serif;
}
.side + .side { left: auto; right: 10px; }
#slider { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
#source { align-self: center; min-width: 120px; max-width: 100%; max-height: calc(100vh - 360px); border-radius: 8px; }
#gone { color: var(--soft); }
dl { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 0; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font: inherit; }
@media (max-width: 760px) {
  body { height: auto; min-height: 100vh; }
  header { display: block; }
  main { grid-template-columns: minmax(0, 1fr); align-content: start; }
  nav { padding: 16px 16px 0; }
  ul { display: flex; overflow-x: auto; padding: 4px 4px 10px; }
  li { flex: 0 0 190px; }
  #detail, #none { margin: 8px 16px 16px; padding: 16px; }
}
`;
