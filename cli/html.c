#include "cli/html.h"

/* Colours have roles. Text has a contrast of at least 4.5 to its ground, what is drawn 3; never colour alone (chart.c).
 * Paper is white whatever the screen was. */
static const char colours[] =
	":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--head:#f3f5f7;"
	"--lost:#b3261e;--kept:#996a00;--same:#1a6b54}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e6e9ec;--soft:#a3adb8;"
	"--line:#3d4650;--head:#1e242b;--lost:#ff8a80;--kept:#e3b341;--same:#4ec9a0}}\n";

static const char page[] =
	"body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',"
	"'Liberation Sans',Arial,sans-serif}\n"
	"main{max-width:68rem;margin:0 auto;padding:2rem 1.25rem 3rem}\n"
	"h1,h2{line-height:1.25}\n"
	"h1{margin:0 0 .75rem;font-size:1.75rem;text-wrap:balance}\n"
	"h2{margin:2.25rem 0 .75rem;padding-bottom:.25rem;font-size:1.2rem;border-bottom:1px solid var(--line)}\n"
	"h2::first-letter,h1+ul li::first-letter,p::first-letter,figcaption::first-letter,caption::first-letter{text-transform:uppercase}\n"
	"h1+p,h1+ul{margin:0;font-size:1.1rem}\n"
	"p,ul,dl{margin:.5rem 0}\n"
	"ul{padding-left:1.25rem}\n"
	"h1,h2,p,li,dd{overflow-wrap:anywhere}\n"
	"dl{display:grid;gap:.25rem 1rem}\n"
	"dl div{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:1rem}\n"
	"dt{color:var(--soft)}\n"
	"dd{margin:0;font-variant-numeric:tabular-nums}\n"
	"pre{margin:.5rem 0;padding:.75rem 1rem;background:var(--head);border:1px solid var(--line);border-radius:4px;"
	"white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.5 ui-monospace,'Liberation Mono',monospace}\n";

static const char tables[] =
	".table{overflow-x:auto;margin:1rem 0}\n"
	"table{border-collapse:collapse;font-size:.875rem}\n"
	"caption{padding:0 0 .5rem;text-align:left;color:var(--soft)}\n"
	"th,td{padding:.3rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}\n"
	"thead th{background:var(--head);white-space:nowrap;vertical-align:bottom}\n"
	"thead th.n{white-space:normal}\n"
	"tbody th{font-weight:600}\n"
	".t{min-width:7rem;overflow-wrap:anywhere}\n"
	"tbody th.t{min-width:min(10rem,40vw)}\n"
	".d{white-space:nowrap}\n"
	".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
	"td.h{min-width:6.5rem;font-family:ui-monospace,'Liberation Mono',monospace;font-size:.8125rem;overflow-wrap:anywhere}\n";

static const char charts[] =
	"figure{margin:1.25rem 0;overflow-x:auto}\n"
	"figcaption{margin-bottom:.5rem;font-weight:600}\n"
	"svg{display:block;width:100%;min-width:36rem;max-width:52rem;height:auto;fill:var(--ink);"
	"font:13px system-ui,-apple-system,'Segoe UI','Liberation Sans',Arial,sans-serif;"
	"font-variant-numeric:tabular-nums}\n"
	".legend{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;margin:.5rem 0 0;padding:0;font-size:.875rem}\n"
	".legend .swatch{display:inline-block;width:1rem;min-width:0;height:.75rem;margin-right:.5rem}\n"
	".legend .wide{width:2.5rem}\n"
	"svg .soft{fill:var(--soft)}\n"
	"svg .axis{stroke:var(--soft)}\n"
	"svg .grid{stroke:var(--line)}\n"
	"svg .same{fill:var(--same)}\n"
	"svg .kept{fill:var(--kept)}\n"
	"svg .lost,svg .loss{fill:var(--lost)}\n"
	"svg .hatch{stroke:var(--paper);stroke-width:2}\n"
	"svg .stage{stroke:currentColor;stroke-dasharray:3 4}\n"
	"svg .curve{fill:none;stroke:var(--lost);stroke-width:2}\n"
	"svg .other{stroke:var(--same)}\n"
	"svg .dash1{stroke-dasharray:9 4}\n"
	"svg .dash2{stroke-dasharray:2 3}\n"
	"svg .dash3{stroke-dasharray:9 3 2 3}\n"
	"svg .dash4{stroke-dasharray:4 2}\n"
	"svg .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}\n";

static const char paper[] =
	"@page{margin:14mm}\n"
	"@media print{main{max-width:none;padding:0}h2+p{break-after:avoid}:root{font-size:10pt}h1{font-size:16pt}h2{font-size:12pt}"
	"h1+p,h1+ul{font-size:11pt}h2,figcaption,caption{break-after:avoid}figure,tr,pre{break-inside:avoid}"
	"thead{break-after:avoid}tbody tr:first-child{break-before:avoid}"
	".table,figure{overflow:visible}table{font-size:7.5pt}th,td{padding:.2rem .35rem}td.h{min-width:13ch;font-size:7pt}.t,tbody th.t{min-width:11ch}"
	"svg{min-width:0;max-width:150mm}}\n";

void html_begin(FILE *f, const char *title)
{
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		/* were an escape ever forgotten, nothing could be run or fetched */
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"generator\" content=\"canopy " CANOPY_VERSION "\">\n<title>%s</title>\n<style>\n",
		title);
	fputs(colours, f);
	fputs(page, f);
	fputs(tables, f);
	fputs(charts, f);
	fputs(paper, f);
	fputs("</style>\n</head>\n<body>\n<main>\n", f);
}

void html_end(FILE *f)
{
	fputs("</main>\n</body>\n</html>\n", f);
}
