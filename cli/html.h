/* The frame of a page of HTML that needs nothing but itself: no script, no font,
 * no picture from elsewhere. It is made for the screen, light and dark, and for
 * paper. What stands between is written with style_html(), report.h, out.h and
 * chart.h.
 *
 *	html_begin(f, title);	// cleaned and escaped already
 *	fprintf(f, "<h1>%s</h1>\n", title);
 *	html_end(f); */
#ifndef CLI_HTML_H
#define CLI_HTML_H

#include <stdio.h>

void html_begin(FILE *f, const char *title);
void html_end(FILE *f);

#endif
