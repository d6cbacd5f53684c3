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
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif;
}
header, footer { padding: 14px 24px; color: var(--soft); }
header { border-bottom: 1px solid var(--line); }
h1, h2 { margin: 0; color: var(--text); font-size: 19px; }
h2 { font: 15px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
p { margin: 4px 0; }
main { flex: 1; display: grid; grid-template-columns: 280px minmax(0, 1fr); gap: 24px; padding: 24px; }
@media (max-width: 760px) { main { grid-template-columns: minmax(0, 1fr); } }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 6px; }
li button {
  width: 100%; padding: 8px 12px; display: flex; justify-content: space-between; gap: 12px; cursor: pointer;
  background: var(--card); color: inherit; border: 1px solid var(--line); border-radius: 8px; font: inherit;
}
li button code { color: var(--soft); }
li button[aria-current="true"] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[data-status] { color: var(--busy); }
[data-status="COMPLETED"] { color: var(--good); }
[data-status="FAILED"] { color: var(--bad); }
#detail { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px; }
#pictures { position: relative; width: fit-content; margin: 12px auto; line-height: 0; overflow: hidden; border-radius: 6px; }
#after { display: block; min-width: 240px; max-width: 100%; max-height: 58vh; }
#before { position: absolute; inset: 0; width: 100%; height: 100%; clip-path: inset(0 calc(100% - var(--cut, 50%)) 0 0); }
#edge { position: absolute; top: 0; bottom: 0; left: var(--cut, 50%); width: 2px; background: #fff; box-shadow: 0 0 4px #000; }
#compare label { display: flex; gap: 12px; align-items: center; }
#slider { flex: 1; accent-color: var(--accent); }
#source { max-width: 100%; max-height: 58vh; margin: 12px 0; border-radius: 6px; }
[hidden] { display: none !important; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 12px 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font: inherit; }
`;
