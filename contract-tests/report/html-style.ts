/** The page's style. Each colour is defined twice, for light and for dark; no state is shown by colour alone. */
export const PAGE_STYLE = `
:root{--bg:#fbfbfa;--panel:#fff;--ink:#1c1d1f;--soft:#5d6168;--line:#e3e4e6;--focus:#2458d3;--good:#1a7f4b;--bad:#c02b2b;--warn:#8a5a00;--idle:#6a6f78;--static:#4a62a8;--row:#f2f4f8}
@media (prefers-color-scheme:dark){:root{--bg:#131417;--panel:#1b1d21;--ink:#eceef1;--soft:#a2a8b2;--line:#2d3036;--focus:#8ab0ff;--good:#5fd39a;--bad:#ff8a80;--warn:#f0c065;--idle:#a2a8b2;--static:#a5b8f5;--row:#23262c}}
*{box-sizing:border-box}
html{color-scheme:light dark}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main{max-width:1280px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
.skip{position:absolute;left:-999px}.skip:focus{left:16px;top:8px;background:var(--panel);padding:6px 12px}
.eyebrow{margin:0;color:var(--soft);font-size:13px;letter-spacing:.04em;text-transform:uppercase}
h1{margin:4px 0 0;font-size:34px;line-height:1.2;letter-spacing:-.02em}
h1.good span{color:var(--good)}h1.bad span{color:var(--bad)}
.lead{margin:8px 0 20px;color:var(--soft)}
.bar{display:flex;height:14px;border-radius:7px;overflow:hidden;background:var(--line);gap:2px}
.bar span{min-width:4px}
.bar .conforms{background:var(--good)}.bar .violates{background:var(--bad)}.bar .known{background:var(--warn)}.bar .static{background:var(--static)}.bar .untestable{background:var(--idle)}
.bar .untested{background:repeating-linear-gradient(45deg,var(--bad),var(--bad) 4px,var(--panel) 4px,var(--panel) 8px)}
dl{display:grid;gap:2px 0;margin:18px 0 0;font-size:14px}
dl div{display:grid;grid-template-columns:160px 1fr;gap:12px}
dt{color:var(--soft)}dd{margin:0}
.alert{margin-top:20px;padding:14px 18px;border:1px solid var(--bad);border-radius:10px;background:var(--panel)}
.alert h2{margin:0 0 6px;font-size:15px}.alert ul{margin:0;padding-left:18px;overflow-wrap:anywhere}
.tools{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:10px 16px;align-items:center;margin-top:24px;padding:12px 0;background:var(--bg)}
.search{display:flex;align-items:center;gap:8px;flex:1 1 300px}
.search span{color:var(--soft)}
input[type=search]{flex:1;min-width:0;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--panel);color:inherit;font:inherit}
fieldset{display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0;border:0}
legend{float:left;margin-right:8px;color:var(--soft);padding:4px 0}
.chip{display:inline-flex;gap:6px;align-items:center;padding:3px 10px;border:1px solid var(--line);border-radius:99px;background:var(--panel);font-size:13px;cursor:pointer}
.chip input{margin:0;accent-color:var(--focus)}
output{color:var(--soft);font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:12px;background:var(--panel)}
table{width:100%;border-collapse:collapse;font-size:13.5px}
th,td{padding:7px 12px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
thead th{position:sticky;top:0;background:var(--panel);color:var(--soft);font-weight:600;white-space:nowrap}
tbody th{width:24%;font-weight:400;color:var(--soft)}
.method{display:inline-block;min-width:42px;font:600 11px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--ink)}
td strong{font-weight:600}.dot{color:var(--soft)}code{font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--soft)}
tbody tr:last-child>*{border-bottom:0}
tbody tr:hover{background:var(--row)}
tbody tr:focus{outline:2px solid var(--focus);outline-offset:-2px;background:var(--row)}
.source{color:var(--soft);font:12px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;white-space:nowrap}
.cell{width:1%;white-space:nowrap}
.mark{display:inline-flex;gap:6px;align-items:baseline;font-weight:600}
.mark.conforms{color:var(--good)}.mark.violates{color:var(--bad)}.mark.known{color:var(--warn)}.mark.static{color:var(--static)}.mark.untestable{color:var(--idle)}.mark.untested{color:var(--bad)}
.word{font-weight:500;font-size:12.5px}.n{color:var(--soft);font-weight:500;font-size:12px;font-variant-numeric:tabular-nums}
tr.details td{padding:10px 12px 14px 24px;background:var(--row);white-space:pre-wrap;font:12.5px/1.6 ui-monospace,SFMono-Regular,Menlo,monospace}
.keys{color:var(--soft);font-size:13px;margin:14px 0 40px}
kbd{padding:1px 6px;border:1px solid var(--line);border-bottom-width:2px;border-radius:5px;background:var(--panel);font:12px ui-monospace,monospace}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
@media (max-width:720px){.word{display:none}dl div{grid-template-columns:1fr}h1{font-size:26px}header,main{padding:0 14px}}
@media print{.tools,.keys,.skip{display:none}}
`;
