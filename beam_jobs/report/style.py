"""The look of the report: one small sheet, light and dark, wide and narrow."""

CSS = """
:root{--bg:#f5f6f8;--panel:#fff;--ink:#1b1f27;--muted:#5d6675;--line:#e2e5ea;--soft:#eef0f4;--accent:#3558d4;
--second:#e0912f;--warn:#8a5200;--warnbg:#fff3d9;--good:#1a7a48;--goodbg:#e2f5ea;--gap:16px}
@media(prefers-color-scheme:dark){:root{--bg:#11141a;--panel:#191d25;--ink:#e6e9ef;--muted:#9aa4b4;--line:#2a303b;
--soft:#222833;--accent:#86a0ff;--second:#e8a75a;--warn:#ffc873;--warnbg:#33270f;--good:#7ddba6;--goodbg:#12301f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",
"Noto Sans KR","Noto Sans CJK KR","Apple SD Gothic Neo","Malgun Gothic",sans-serif}
header,main{max-width:1120px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:28px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:20px;line-height:1.3;margin:0 0 12px}
h3{font-size:15px;margin:24px 0 8px}
h4{font-size:15px;margin:0 0 8px}
p{margin:0 0 12px}
header p,.note,.ko,small{color:var(--muted)}
.note{max-width:78ch}
.ko,small{font-weight:400;font-size:13px}
.ko{word-break:keep-all}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;padding:8px 0}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
section{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:24px;margin:0 0 var(--gap);
scroll-margin-top:16px}
section>:last-child{margin-bottom:0}
.tiles{display:grid;grid-template-columns:repeat(var(--n),minmax(0,1fr));gap:1px;margin:0 0 16px;
background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden}
.tiles>div{background:var(--panel);padding:12px 16px}
.tiles dt{color:var(--muted);font-size:13px}
.tiles dt::first-letter{text-transform:uppercase}
.tiles dd{margin:0}
.tiles b{display:block;font-size:24px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.tiles span{color:var(--muted);font-size:13px}
.alerts{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.alerts li{background:var(--warnbg);color:var(--warn);border-radius:8px;padding:8px 12px;overflow-wrap:anywhere}
.alerts li.good{background:var(--goodbg);color:var(--good)}
.alerts li.plain{background:var(--soft);color:var(--muted)}
.scroll{overflow-x:auto;margin:0 0 12px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
tbody tr:last-child>*{border-bottom:0}
tbody th{font-weight:500}
td bdi,th bdi,td code,th code{overflow-wrap:break-word}
thead th{color:var(--muted);font-weight:500;font-size:13px;white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.n,td.n{padding-left:12px}
tbody th,td:not(.n):not(:empty){min-width:110px}
.long{min-width:280px}
td.wide{width:30%;min-width:120px}
bdi,code{overflow-wrap:anywhere}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.track{display:block;height:8px;border-radius:4px;background:var(--soft);margin:7px 0 0;overflow:hidden}
.track+.track{margin-top:2px;height:5px}
.bar{display:block;height:100%;border-radius:4px;background:var(--accent);width:var(--w)}
.bar.second{background:var(--second)}
.key{display:inline-block;width:12px;height:8px;border-radius:3px;background:var(--accent);margin-right:6px}
.key.second{background:var(--second)}
.badge{display:inline-block;font-size:12px;line-height:1.5;padding:0 8px;border-radius:9px;background:var(--soft);
color:var(--muted);white-space:nowrap}
.badge.good{background:var(--goodbg);color:var(--good)}
.badge.warn{background:var(--warnbg);color:var(--warn)}
.columns{columns:2 420px;column-gap:40px}
.columns>*{break-inside:avoid}
.columns h3{margin:0 0 4px;padding-top:12px;display:flex;justify-content:space-between;gap:8px}
.balance{display:grid;grid-template-columns:minmax(0,11fr) minmax(0,10fr) 48px;gap:2px 12px;font-size:14px;
align-items:center;margin:0}
.balance dt{min-width:0;overflow-wrap:anywhere;line-height:1.3;padding:2px 0}
.balance.two{grid-template-columns:minmax(0,11fr) minmax(0,9fr) 84px}
.two small{display:inline-block;min-width:38px}
.balance dd{margin:0}
.balance .track{margin:0}
.balance .track+.track{margin-top:2px}
details{border-top:1px solid var(--line);padding:10px 0}
details>:last-child{margin-bottom:0}
summary{cursor:pointer;font-weight:500}
details[open]>summary{margin-bottom:12px}
summary small{margin-left:6px}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(132px,1fr));gap:16px;margin:0 0 20px;padding:0;
list-style:none}
.four{grid-template-columns:repeat(4,minmax(0,1fr))}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:16px;margin:0 0 16px}
.cards>div{border:1px solid var(--line);border-radius:8px;padding:12px;min-width:0}
.cards h4{overflow-wrap:anywhere}
.row{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:10px}
.row.small{grid-template-columns:repeat(4,minmax(0,1fr))}
figure{margin:0;min-width:0;font-size:13px;line-height:1.4}
figure .pic{display:block;width:100%;aspect-ratio:1;object-fit:contain;border-radius:6px;background:var(--soft);
border:1px solid var(--line)}
figure .none{display:grid;place-items:center;text-align:center;color:var(--muted);font-size:12px;padding:4px}
figcaption{padding-top:4px;overflow-wrap:anywhere}
figcaption>*{display:block}
figcaption .badge{display:inline-block}
figcaption ul{list-style:none;margin:2px 0 0;padding:0;color:var(--muted)}
.heat{display:block;min-width:720px;width:100%;max-width:900px;height:auto;font-size:10px}
.heat text{fill:var(--muted)}
.heat .cell{fill:var(--accent)}
.heat .off{fill:var(--second)}
.heat .block{fill:none;stroke:var(--line);stroke-width:1}
.histogram{display:block;width:100%;max-width:560px;height:auto;font-size:11px}
.histogram rect{fill:var(--accent)}
.histogram text,.curves text{fill:var(--muted);text-anchor:middle}
.curves{display:block;width:100%;max-width:640px;height:auto;font-size:11px}
.curves .end{text-anchor:end}
.curves line{stroke:var(--line)}
.curves polyline{fill:none;stroke-width:2.5;stroke:var(--accent)}
.curves .second{stroke:var(--second);stroke-dasharray:5 4}
@media(max-width:640px){header,main{padding:0 12px}header{padding-top:20px}h1{font-size:24px}
section{padding:16px;border-radius:10px}.four{grid-template-columns:repeat(2,minmax(0,1fr))}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tiles>div{padding:10px 12px}.tiles b{font-size:20px}
.pictures{gap:12px}}
@media print{body{background:#fff}section{break-inside:avoid}nav{display:none}}
""".strip()
