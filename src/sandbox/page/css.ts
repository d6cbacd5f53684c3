export const CSS = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f6f4, #161617); --card: light-dark(#fff, #202022); --line: light-dark(#d9d9d4, #38383b);
  --text: light-dark(#1d1d1b, #ececea); --soft: light-dark(#5c5c58, #a5a5a0); --accent: light-dark(#2f5fd0, #8ab0ff);
  --good: light-dark(#18794e, #5fd39a); --bad: light-dark(#b42318, #ff8f85); --busy: light-dark(#93650a, #f0c060);
}
* { box-sizing: border-box; scrollbar-width: thin; }
[hidden] { display: none !important; }
body {
  margin: 0; height: 100vh; display: grid; grid-template-rows: auto minmax(0, 1fr) auto;
  background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header, footer { padding: 8px 24px; color: var(--soft); }
header { border-bottom: 1px solid var(--line); display: flex; gap: 8px 32px; align-items: baseline; justify-content: space-between; }
footer { border-top: 1px solid var(--line); }
h1, h2, p, dd { margin: 0; }
h1 { color: var(--text); font-size: 19px; }
h2 { font-size: 15px; }
#counts { white-space: nowrap; }
main { display: grid; grid-template-columns: 280px minmax(0, 1fr); min-height: 0; }
nav { overflow-y: auto; padding: 12px 12px 12px 24px; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
li button {
  width: 100%; padding: 8px; display: grid; grid-template: "thumb status" auto "thumb id" auto / 44px 1fr; gap: 0 12px;
  text-align: left; cursor: pointer; background: var(--card); color: inherit; border: 1px solid var(--line);
  border-radius: 10px; font: inherit; line-height: 1.45;
}
li button[aria-current="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
li code { grid-area: id; color: var(--soft); font-size: 13px; }
.thumb { grid-area: thumb; width: 44px; height: 44px; border-radius: 6px; overflow: hidden; background: var(--line); }
.thumb img { width: 100%; height: 100%; object-fit: cover; display: block; }
:focus-visible, #pictures:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
[data-status] { color: var(--busy); }
[data-status="COMPLETED"] { color: var(--good); }
[data-status="FAILED"] { color: var(--bad); }
[data-status]::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 50%; background: currentColor;
}
#detail, #none { overflow-y: auto; margin: 12px 24px 12px 12px; padding: 12px 20px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
#none { grid-column: 1 / -1; place-self: center; margin: 24px; max-width: 640px; }
#none pre { margin: 12px 0 0; padding: 12px 16px; overflow-x: auto; background: var(--ground); border-radius: 8px; }
pre, code, #title { font-family: ui-monospace, monospace; }
#detail { display: flex; flex-direction: column; gap: 12px; }
#head { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; }
#compare { flex: 1 0 220px; display: grid; place-items: center; container-type: size; }
#pictures { position: relative; aspect-ratio: var(--ratio, 1); width: min(100cqw, 100cqh * var(--ratio, 1)); overflow: hidden; border-radius: 8px; }
#after, #before { position: absolute; inset: 0; width: 100%; height: 100%; }
#before { clip-path: inset(0 calc(100% - var(--cut, 50%)) 0 0); }
#edge { position: absolute; top: 0; bottom: 0; left: var(--cut, 50%); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 4px #000; }
#edge::after {
  content: "‹ ›"; position: absolute; top: 50%; translate: -50% -50%; padding: 10px 8px; border-radius: 99px;
  background: #fff; color: #1d1d1b; font: 600 16px/1 system-ui, sans-serif; white-space: nowrap;
}
.side { position: absolute; top: 10px; left: 10px; padding: 3px 9px; border-radius: 99px; background: #000a; color: #fff; line-height: 1.4; }
.side + .side { left: auto; right: 10px; }
#slider { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; }
#source { flex: 1; min-height: 220px; object-fit: contain; }
dl { display: flex; flex-wrap: wrap; gap: 0 20px; margin: 0; font-size: 13px; }
dl div { display: flex; gap: 6px; }
dt, #gone { color: var(--soft); }
summary { cursor: pointer; }
#panel { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 8px 24px; margin-top: 8px; }
form { display: flex; gap: 6px; margin-bottom: 8px; }
form :not(button) { min-width: 56px; }
select, input, form button { font: inherit; }
input[type="number"] { width: 64px; }
#log { margin: 0; height: 110px; overflow: auto; color: var(--text); font-size: 12px; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font: inherit; }
@media (max-width: 760px) {
  body { height: auto; min-height: 100vh; }
  header { display: block; }
  main, #panel { grid-template-columns: minmax(0, 1fr); align-content: start; }
  nav { padding: 16px 16px 0; }
  ul { display: flex; overflow-x: auto; padding: 4px 4px 10px; }
  li { flex: 0 0 190px; }
  #compare { flex: none; container-type: inline-size; }
  #pictures { width: 100%; }
  form { flex-wrap: wrap; }
  #detail, #none { margin: 8px 16px 16px; padding: 16px; }
}
`;
